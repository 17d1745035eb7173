import { print } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ContactsDocument,
  type ContactsQuery,
  type ContactsQueryVariables,
} from '../../src/generated/graphql/graphql.ts'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, createWorkspace, type GraphqlClient } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

type Connection = ContactsQuery['contacts']
type Variables = ContactsQueryVariables

const people = [
  ['ada@example.com', 'Ada', 'Lovelace', { utm_source: 'goo_gle', plan: 5 }],
  ['bob@example.com', 'Bob', 'Stone', { utm_source: 'gooxgle', plan: '5' }],
  ['cy@example.com', 'Cy%', null, { utm_source: 'news', beta: true }],
  ['dee@other.com', null, null, {}],
  ['eve@other.com', 'Eve', 'de la Cruz', { utm_source: 'NEWS' }],
] as const

const contactsQuery = print(ContactsDocument)

describe('lists', () => {
  let app: TestApp
  let graphql: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
    const api = createApiClient(app)
    await api.createEndpoint({ url: 'http://127.0.0.1:9/closed', events: ['*'] })
    for (const [email, first_name, last_name, metadata] of people)
      await api.capture({ email, first_name, last_name, metadata, source: email.startsWith('d') ? null : 'organic' })
  })

  afterAll(() => app?.stop())

  const contacts = async (variables: Variables): Promise<Connection> => {
    const { data, text } = await graphql(contactsQuery, variables)
    if (!data) throw new Error(text)
    return data['contacts'] as Connection
  }
  const names = ({ nodes }: Connection) => nodes.map(({ email }) => email.split('@')[0]).join(' ')
  const filtered = async (filter: Variables['filter']) =>
    names(await contacts({ filter, orderBy: { field: 'EMAIL', direction: 'ASC' } }))

  it('come newest first, 20 when nothing is said', async () => {
    const all = await contacts({})
    expect(names(all)).toBe('eve dee cy bob ada')
    expect(all.totalCount).toEqual({ value: 5, precision: 'EXACT' })
    expect(all.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false })
  })

  /** The ids of all pages of two, forwards by `first` and `after`, or backwards by `last` and `before`. */
  const walk = async (way: 'first' | 'last', orderBy: Variables['orderBy']): Promise<string[]> => {
    const pages: string[][] = []
    const [name, pick] = way === 'first' ? (['after', 'endCursor'] as const) : (['before', 'startCursor'] as const)
    let cursor: string | null | undefined = null
    do {
      const { nodes, pageInfo }: Connection = await contacts({ [way]: 2, [name]: cursor, orderBy })
      pages.push(nodes.map(({ id }) => id))
      const hasMore = way === 'first' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage
      cursor = hasMore ? pageInfo[pick] : null
    } while (cursor)
    return (way === 'first' ? pages : pages.reverse()).flat()
  }

  it.each(['CREATED_AT', 'UPDATED_AT', 'LAST_SEEN_AT', 'EMAIL'] as const)(
    'are walked by %s in both directions, each row once',
    async (field) => {
      for (const direction of ['ASC', 'DESC'] as const) {
        const orderBy = { field, direction }
        const whole = (await contacts({ orderBy })).nodes.map(({ id }) => id)
        expect([await walk('first', orderBy), await walk('last', orderBy)]).toEqual([whole, whole])
      }
    },
  )

  it.each([
    [{ first: 101 }, 'BAD_USER_INPUT'],
    [{ last: -1 }, 'BAD_USER_INPUT'],
    [{ first: 1, last: 1 }, 'BAD_USER_INPUT'],
    [{ after: 'nonsense' }, 'INVALID_CURSOR'],
    [{ before: '1e30.AAAAAAAAAAAA' }, 'INVALID_CURSOR'],
  ])('refuse %j with %s', async (variables, code) => {
    expect((await graphql(contactsQuery, variables)).codes).toEqual([code])
  })

  it('take no cursor of another list, order or workspace', async () => {
    const { pageInfo } = await contacts({ first: 1 })
    const after = pageInfo.endCursor
    const otherOrder = await graphql(contactsQuery, { after, orderBy: { field: 'EMAIL' } })
    const otherList = await graphql('query ($after: String) { deliveries(after: $after) { nodes { id } } }', { after })
    const key = await createWorkspace(graphql, 'other-cursors')
    const otherWorkspace = await createGraphqlClient({ ...app, key })(contactsQuery, { after })
    for (const { codes } of [otherOrder, otherList, otherWorkspace]) expect(codes).toEqual(['INVALID_CURSOR'])
  })

  it('take first: 0 and say whether there is more', async () => {
    expect(await contacts({ first: 0 })).toMatchObject({ nodes: [], pageInfo: { hasNextPage: true, endCursor: null } })
  })

  it.each<[Variables['filter'], string]>([
    [{ email: { eq: 'ADA@example.com' } }, 'ada'],
    [{ email: { in: ['ada@example.com', 'bob@example.com', 'nobody@example.com'] } }, 'ada bob'],
    [{ email: { contains: '@OTHER' } }, 'dee eve'],
    [{ email: { contains: '_' } }, ''],
    [{ name: { contains: '%' } }, 'cy'],
    [{ name: { startsWith: 'ad' } }, 'ada'],
    [{ name: { eq: 'Eve de la Cruz' } }, 'eve'],
    [{ name: { contains: 'a lov' } }, 'ada'],
    [{ name: { contains: 'dee' } }, ''],
    [{ name: { eq: 'ada' } }, 'ada'],
    [{ name: { eq: 'Ad' } }, ''],
    [{ name: { in: ['Stone', 'Ada Lovelace', 'Nobody'] } }, 'ada bob'],
    [{ name: { startsWith: 'DE LA' } }, 'eve'],
    [{ name: { startsWith: 'la' } }, ''],
    [{ name: { startsWith: 'Bob S' } }, 'bob'],
    [{ not: { name: { contains: 'o' } } }, 'cy dee eve'],
    [{ not: { source: { startsWith: 'ORG' } } }, 'dee'],
    [{ email: { startsWith: 'DEE@other' } }, 'dee'],
    [{ email: { contains: 'ada@example.com Ada' } }, ''],
    [{ name: { isNull: true } }, 'dee'],
    [{ name: { isNull: false } }, 'ada bob cy eve'],
    [{ stage: { eq: 'lead' } }, 'ada bob cy dee eve'],
    [{ stage: { isNull: true } }, ''],
    [{ or: [] }, ''],
    [{ utmSource: { in: [] } }, ''],
    [{}, 'ada bob cy dee eve'],
    [{ source: { isNull: true } }, 'dee'],
    [{ not: { source: { eq: 'organic' } } }, 'dee'],
    [{ utmSource: { eq: 'goo_gle' } }, 'ada'],
    [{ utmSource: { contains: 'o_g' } }, 'ada'],
    [{ utmSource: { contains: 'EWS' } }, 'cy eve'],
    [{ utmSource: { startsWith: 'goo' } }, 'ada bob'],
    [{ utmSource: { isNull: true } }, 'dee'],
    [{ not: { utmSource: { in: ['news', 'NEWS'] } } }, 'ada bob dee'],
    [{ metadata: [{ key: 'plan', eq: '5' }] }, 'ada bob'],
    [{ metadata: [{ key: 'beta', eq: 'true' }] }, 'cy'],
    [{ metadata: [{ key: 'plan', exists: false }] }, 'cy dee eve'],
    [{ not: { metadata: [{ key: 'plan' }] } }, 'cy dee eve'],
    [{ or: [{ name: { eq: 'Ada' } }, { and: [{ source: { eq: 'organic' } }, { name: { eq: 'Bob' } }] }] }, 'ada bob'],
    [{ createdAt: { lt: '2020-01-01T00:00:00Z' } }, ''],
    [
      { createdAt: { gte: '2020-01-01T00:00:00+02:00' }, lastSeenAt: { gte: '2020-01-01T00:00:00.000Z' } },
      'ada bob cy dee eve',
    ],
  ])('take the filter %j', async (filter, expected) => {
    expect(await filtered(filter)).toBe(expected)
  })

  it.each([
    ['ada', 'ada'],
    ['LOVE ada', 'ada'],
    ['other.com', 'eve dee'],
    ['Lace EXAMPLE da', 'ada'],
    ['de', 'eve dee'],
    ['z', 'eve'],
    ['cy%', 'cy'],
    ['a\\', ''],
    ['ada nobody', ''],
    ['%', 'cy'],
    ['_', ''],
    ['  ', 'eve dee cy bob ada'],
  ])('are searched for %j', async (search, expected) => {
    expect(names(await contacts({ search }))).toBe(expected)
  })

  it('nest', async () => {
    const query = `query ($first: Int) { contacts(first: $first) { nodes {
      submissions { nodes { id contact { id } } }
      events { nodes { id type cursor contact { id } deliveries { nodes { id } } } }
      deliveries(first: 5) { nodes { id attemptCount event { id } endpoint { id successRate24h p95LatencyMs24h } attempts { id } } }
    } } }`
    const { data, text } = await graphql(query, { first: 5 })
    expect(text).not.toContain('errors')
    const { nodes } = data['contacts'] as {
      nodes: Record<string, { nodes: { event?: unknown; contact?: unknown }[] }>[]
    }
    for (const node of nodes) {
      expect(node['submissions']?.nodes).toHaveLength(1)
      expect(node['events']?.nodes).toHaveLength(1)
      expect(node['deliveries']?.nodes).toMatchObject([{ event: { id: expect.stringMatching(/^evt_/) } }])
    }
  })

  it('below a row are walked with cursors, too', async () => {
    const query = `query ($after: String) { webhookEndpoints { nodes { deliveries(first: 2, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } } } }`
    const seen: string[] = []
    let after: string | null = null
    do {
      const { data } = await graphql(query, { after })
      const { nodes } = data['webhookEndpoints'] as { nodes: { deliveries: Connection }[] }
      const page: Connection | undefined = nodes[0]?.deliveries
      seen.push(...(page?.nodes ?? []).map(({ id }) => id))
      after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after)
    expect(seen).toHaveLength(5)
    expect(seen).toEqual([...new Set(seen)].sort().reverse())
    const held = await graphql('{ webhookEndpoints { nodes { deliveries(status: [HELD]) { nodes { id } } } } }')
    expect(held.text).toContain('"deliveries":{"nodes":[]}')
  })

  it('of events are newest first, and their cursors are those of the events', async () => {
    const { data } = await graphql('{ events(types: ["contact.created"]) { edges { cursor node { cursor } } } }')
    const { edges } = data['events'] as { edges: { cursor: string; node: { cursor: string } }[] }
    expect(edges).toHaveLength(5)
    for (const { cursor, node } of edges) expect(cursor).toBe(node.cursor)
  })
})
