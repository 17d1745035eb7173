import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'

const adminKey = 'masking-admin-key-0123456789-abcdef'
const secret = 'zanzibar'
const hidden = `${secret}@example.com`

describe('11.9: a key without PII_READ', () => {
  let own: OwnDatabase
  let rex: RexProcess
  let reader: GraphqlClient
  let readerKey: string

  beforeAll(async () => {
    own = await createTestDatabase()
    rex = await startRexProcess({ ...own.environment, PORT: '0', REX_API_KEY: adminKey })
    const api = createApiClient({ url: rex.url, key: adminKey })
    await api.capture({ email: 'plain@example.com', first_name: 'Jane', last_name: 'Doe', source: 'organic' })
    await api.capture({
      email: hidden,
      first_name: `Zed (${hidden})`,
      last_name: hidden,
      source: `list of ${hidden}`,
      metadata: { utm_source: hidden, utm_campaign: `/?e=${secret}%40example.com`, note: hidden },
    })
    const admin = createGraphqlClient({ url: rex.url, key: adminKey })
    readerKey = await createKey(admin, ['CONTACTS_READ'])
    reader = createGraphqlClient({ url: rex.url, key: readerKey })
  })
  afterAll(async () => {
    await rex?.signal('SIGTERM')
    await own?.drop()
  })

  const find = async (variables: object) => {
    const query = `query ($search: String, $filter: ContactFilter) {
      contacts(search: $search, filter: $filter) { totalCount { value } nodes { displayName } } }`
    const { data, text } = await reader(query, variables)
    const { nodes, totalCount } = (data['contacts'] ?? { nodes: [text] }) as {
      nodes: { displayName: string }[]
      totalCount?: { value: number }
    }
    expect(totalCount?.value).toBe(nodes.length)
    return nodes.map(({ displayName }) => displayName)
  }

  const prefixes = Array.from(secret, (_, length) => secret.slice(0, length + 1)).slice(1)
  const filtersOf = (part: string): object[] => [
    { name: { startsWith: part } },
    { name: { contains: part } },
    { name: { eq: hidden } },
    { name: { in: [hidden, `Zed (${hidden})`] } },
    { source: { contains: part } },
    { source: { eq: `list of ${hidden}` } },
    { utmSource: { startsWith: part } },
    { utmSource: { in: [hidden] } },
    { utmCampaign: { contains: part } },
    { metadata: [{ key: 'note', eq: hidden }] },
    { or: [{ name: { startsWith: part } }, { utmSource: { eq: hidden } }] },
    { and: [{ not: { not: { name: { startsWith: part } } } }] },
  ]

  it('finds nobody by the hidden letters of an e-mail, whatever the filter', async () => {
    for (const part of prefixes) {
      for (const filter of filtersOf(part)) expect([filter, await find({ filter })]).toEqual([filter, []])
      expect(await find({ search: part })).toEqual([])
    }
  })

  it('finds everybody by what is shown', async () => {
    const masked = 'Zed (z***@example.com) z***@example.com'
    expect(await find({ filter: { name: { startsWith: 'zed' } } })).toEqual([masked])
    expect(await find({ search: 'zed' })).toEqual([masked])
    expect(await find({ filter: { source: { startsWith: 'list of' } } })).toEqual([masked])
    expect(await find({ filter: { name: { eq: 'jane doe' } } })).toEqual(['Jane Doe'])
    expect(await find({ filter: { source: { eq: 'organic' } } })).toEqual(['Jane Doe'])
    expect(await find({ search: 'jane doe' })).toEqual(['Jane Doe'])
  })

  it('learns nothing from what a filter leaves out', async () => {
    for (const part of [...prefixes, 'nobody'])
      expect(await find({ filter: { not: { name: { startsWith: part } } } })).toHaveLength(2)
  })

  it.each([hidden, 'nobody@example.com', 'no address'])('may not look up %s by e-mail', async (email) => {
    const { data, codes } = await reader('query ($email: String) { contact(by: { email: $email }) { id } }', { email })
    expect([data, codes]).toEqual([{ contact: null }, ['FORBIDDEN']])
  })

  it.each<object>([
    { email: { eq: hidden } },
    { email: { isNull: false } },
    { or: [{ not: { email: { contains: 'z' } } }] },
  ])('may not filter by %j', async (filter) => {
    const { codes } = await reader('query ($filter: ContactFilter) { contacts(filter: $filter) { nodes { id } } }', {
      filter,
    })
    expect(codes).toEqual(['FORBIDDEN'])
  })

  it('finds no submission by the hidden letters of its source', async () => {
    const query = 'query ($source: StringFilter) { submissions(filter: { source: $source }) { nodes { source } } }'
    const sources = [{ contains: secret }, { startsWith: `list of ${secret}` }, { eq: `list of ${hidden}` }]
    for (const source of [...sources, { in: [`list of ${hidden}`] }])
      expect((await reader(query, { source })).data).toEqual({ submissions: { nodes: [] } })
    expect((await reader(query, { source: { eq: 'organic' } })).data).toEqual({
      submissions: { nodes: [{ source: 'organic' }] },
    })
  })

  it('is answered stored names masked by POST /capture', async () => {
    const api = createApiClient({ url: rex.url, key: readerKey })
    const { json } = await api.capture({ email: hidden }, { 'x-api-key': readerKey })
    expect(json.data).toMatchObject({
      first_name: 'Zed (z***@example.com)',
      last_name: 'z***@example.com',
      source: 'list of z***@example.com',
    })
  })

  it('sees masked sources and metadata', async () => {
    const { text } = await reader(
      '{ contacts { nodes { email firstName lastName source metadata firstTouch { source } } } }',
    )
    expect(text).not.toContain(secret)
    expect(text).toContain('z***@example.com')
  })
})
