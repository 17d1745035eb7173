import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const contact = `
  __typename id email firstName lastName displayName stage source metadata submissionCount createdAt updatedAt
  lastSeenAt version firstTouch { source campaign clickIds capturedAt } lastTouch { __typename landingPage }`
const submission = '__typename id status outcome fields email source origin changes { field after applied } receivedAt'

/** Selections of a list of contacts, which are executed by a plan. */
const selections = [
  `(first: 2) { nodes { ${contact} } }`,
  `(last: 2) { pageInfo { hasNextPage hasPreviousPage } edges { node { ...C key: id } } totalCount { value precision } }`,
  `(first: 3) { nodes { ${contact} submissions(first: 1) { pageInfo { hasNextPage } nodes { ${submission} } } } }`,
  `(first: 3) { nodes { submissions(last: 1) { pageInfo { hasPreviousPage } edges { node { ${submission} } } } } }`,
  `(first: 3) { nodes { a: submissions(first: 1) { nodes { id } } b: submissions(last: 1) { nodes { id } } } }`,
  `(first: 3) { nodes { submissions(first: 0) { nodes { id } } } edges { node { submissions { nodes { id } } } } }`,
  `(orderBy: { field: EMAIL, direction: ASC }) { nodes { email ... on Contact { ...C } ...C } }`,
  `(filter: { stage: { eq: "lead" } }) { nodes { id submissions { nodes { ${submission} } } } }`,
  `(search: "ada") { nodes { id submissions { nodes { ${submission} } } } }`,
  `(first: $first, orderBy: $order) { nodes { id submissions(first: $children) { nodes { id } } } }`,
]
const refused = [
  `(first: 101) { nodes { id } }`,
  `(first: 1, last: 1) { nodes { id } }`,
  `(after: "x") { nodes { id } }`,
  `(search: "${'x'.repeat(201)}") { nodes { id } }`,
  `(first: 2) { nodes { id submissions(first: 101) { nodes { id } } } }`,
  `(first: 2) { nodes { id submissions(after: "x") { nodes { id } } } }`,
  `(first: 2) { nodes { id submissions { nodes { id raw } } } }`,
  `(orderBy: { field: EMAIL }) { nodes { id } }`,
]
const variables = { first: 2, children: 1, order: { field: 'UPDATED_AT', direction: 'DESC' } }

function queryOf(selection: string, directive: string): string {
  const header = selection.includes('$') ? 'query ($first: Int, $children: Int = 2, $order: ContactOrder)' : 'query'
  const fragment = selection.includes('...C') ? `fragment C on Contact { ${contact} }` : ''
  return `${header} { contacts${selection.replace(/^(\(.*?\)) \{/, `$1 ${directive} {`)} } ${fragment}`
}

describe('a list of contacts that is executed by a plan', () => {
  let app: TestApp
  let keys: Readonly<Record<string, string>>
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
    const api = createApiClient(app)
    const lead = {
      first_name: 'Ada',
      last_name: 'ada@home.example',
      metadata: { utm_source: 'news', utm_campaign: 'may' },
    }
    for (const email of ['ada@example.com', 'bea@example.com', 'cid@example.com', 'dan@example.com'])
      for (const plan of ['free', 'pro']) await api.capture({ email, ...lead, plan })
    await graphql('mutation { upsertContact(input: { email: "alone@example.com" }) { __typename } }')
    keys = {
      ADMIN: app.key,
      'without PII_READ': await createKey(graphql, ['CONTACTS_READ']),
      'without CONTACTS_READ': await createKey(graphql, ['EVENTS_READ']),
    }
  })
  afterAll(() => app?.stop())

  /** A directive keeps the query from being planned. */
  const both = async (selection: string, key = '') => {
    const read = async (directive: string) => {
      const { status, data, errors, text } = await graphql(queryOf(selection, directive), variables, {
        'x-api-key': key,
      })
      // Positions in the text of the query differ by the directive.
      return {
        status,
        data,
        errors: errors.map(({ message, path, extensions }) => ({ message, path, extensions })),
        text,
      }
    }
    const [planned, executed] = [await read(''), await read('@include(if: true)')]
    return { planned, executed }
  }

  describe.each(['ADMIN', 'without PII_READ', 'without CONTACTS_READ'])('for a key: %s', (name) => {
    it.each(selections)('has the response of the executor: %s', async (selection) => {
      const { planned, executed } = await both(selection, keys[name])
      expect({ ...planned, text: '' }).toEqual({ ...executed, text: '' })
      if (planned.errors.length === 0) expect(planned.text).toBe(executed.text)
    })

    it.each(refused)('has the errors of the executor: %s', async (selection) => {
      const { planned, executed } = await both(selection, keys[name])
      expect({ ...planned, text: '' }).toEqual({ ...executed, text: '' })
    })
  })

  it('returns rows to a key that may read them, and none to another', async () => {
    const selection = selections[0] ?? ''
    const { planned: all } = await both(selection, keys['ADMIN'])
    const { planned: masked } = await both(selection, keys['without PII_READ'])
    const { planned: none } = await both(selection, keys['without CONTACTS_READ'])
    expect(all.text).toContain('@example.com')
    expect(all.text).not.toContain('***@')
    expect(masked.text).toContain('***@home.example')
    expect(none.errors[0]?.extensions.code).toBe('FORBIDDEN')
  })
})
