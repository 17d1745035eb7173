/** A query, and its name in the table. */
export interface SearchCase {
  readonly name: string
  readonly variables: Readonly<Record<string, unknown>>
  /** Set if the query is not the list of contacts. */
  readonly query?: string
}

const orders = ['CREATED_AT', 'UPDATED_AT', 'LAST_SEEN_AT', 'EMAIL'] as const

const byKey: SearchCase = {
  name: 'one, by its id',
  query: 'query ($id: ID!) { contact(by: { id: $id }) { id email displayName } }',
  variables: { id: 'cont_00000000000000000000077777' },
}

/** All cases; the first one is the baseline for the others. */
export const searchCases: readonly SearchCase[] = [
  byKey,
  ...orders.map((field) => listOf(`all, by ${field}`, { orderBy: { field, direction: 'DESC' } })),
  listOf('all, the last page', { first: null, last: 20 }),
  listOf('search of one e-mail', { search: 'wang77777@' }),
  listOf('search of nobody', { search: 'nosuchperson' }),
  ...orders.map((field) =>
    listOf(`search of a frequent name, by ${field}`, { search: 'jane', orderBy: { field, direction: 'DESC' } }),
  ),
  listOf('search of a frequent name, the last page', { search: 'jane', first: null, last: 20 }),
  listOf('search of two names', { search: 'jane doe' }),
  listOf('search of a company', { search: 'drosape.com' }),
  listOf('search of four in ten', { search: 'gmail.com' }),
  listOf('search of a letter', { search: 'q' }),
  listOf('search of two frequent letters', { search: 'jo' }),
  listOf('search of two frequent letters, by EMAIL', { search: 'jo', orderBy: { field: 'EMAIL', direction: 'ASC' } }),
  listOf('search of two rare letters', { search: 'zq' }),
  listOf('search of a rare sign', { search: '%' }),
  listOf('search of a name, filter of a stage', { search: 'jane', filter: { stage: { eq: 'customer' } } }),
  listOf('search of four in ten, filter of a campaign', {
    search: 'gmail',
    filter: { utmCampaign: { eq: 'campaign-7' } },
  }),
  listOf('search of a name, filter of a time', {
    search: 'jane',
    filter: { createdAt: { gte: '2025-06-01T00:00:00Z', lt: '2025-07-01T00:00:00Z' } },
  }),
  listOf('filter: e-mail contains', { filter: { email: { contains: 'lovelace7' } } }),
  listOf('filter: e-mail starts with', { filter: { email: { startsWith: 'jane.doe' } } }),
  listOf('filter: name contains', { filter: { name: { contains: 'ane lovel' } } }),
  listOf('filter: name starts with', { filter: { name: { startsWith: 'jane d' } } }),
  listOf('filter: name is', { filter: { name: { eq: 'Jane Doe' } } }),
  listOf('filter: metadata is', { filter: { metadata: [{ key: 'utm_campaign', eq: 'campaign-7' }] } }),
]

function listOf(name: string, variables: Readonly<Record<string, unknown>>): SearchCase {
  return { name, variables: { first: 20, ...variables } }
}
