import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey, createWorkspace, type GraphqlClient } from '../support/graphql-client.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

type Json = Record<string, unknown>

const exportQuery = 'query ($id: ID!) { contactExport(id: $id) }'

describe('contactExport', () => {
  let app: TestApp
  let graphql: GraphqlClient
  let receiver: Receiver
  let id: string

  const capture = async (lead: Json) => {
    const response = await fetch(`${app.url}/capture`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Browser 1' },
      body: JSON.stringify(lead),
    })
    return ((await response.json()) as { data: { id: string } }).data.id
  }
  const exported = async (of: string, client = graphql) =>
    (await client(exportQuery, { id: of })).data['contactExport'] as Json

  beforeAll(async () => {
    app = await startTestApp()
    graphql = createGraphqlClient(app)
    receiver = await startReceiver((_webhook, response) => response.end('kept under number 7'))
    await createApiClient(app).createEndpoint({ url: `${receiver.url}?token=secret`, events: ['*'] })
    id = await capture({ email: 'jane@example.com', first_name: 'Jane', metadata: { utmSource: 'fair' } })
    await capture({ email: 'JANE@example.com', _gotcha: 'x' })
    await capture({ email: 'bob@example.com' })
    await eventually(
      async () => JSON.stringify(await exported(id)).includes('SUCCEEDED'),
      async () => JSON.stringify(await exported(id)),
    )
  })

  afterAll(async () => {
    await app?.stop()
    await receiver?.stop()
  })

  it('finds what was held under an e-mail that the person has had', async () => {
    const moved = await capture({ email: 'old@example.com', gclid: 'g1', landing_page: '/pricing' })
    await capture({ email: 'old@example.com', _gotcha: 'x' })
    const update =
      'mutation ($id: ID!, $email: String!) { updateContact(input: { id: $id, email: $email }) { __typename } }'
    await graphql(update, { id: moved, email: 'moved@example.com' })
    await capture({ email: 'moved@example.com', _gotcha: 'x' })
    const all = await exported(moved)
    expect(all['contact']).toMatchObject({
      first_touch: { click_ids: { gclid: 'g1' }, landing_page: '/pricing', captured_at: expect.any(String) },
    })
    const { submissions } = all as { submissions: { fields: Json; status: string }[] }
    expect(submissions.map(({ fields, status }) => [fields['email'], status])).toEqual([
      ['moved@example.com', 'SPAM'],
      ['old@example.com', 'SPAM'],
      ['old@example.com', 'ACCEPTED'],
    ])
  })

  it('answers everything held on the person, and nothing else', async () => {
    const all = await exported(id)
    expect(all).toMatchObject({
      contact: {
        id,
        email: 'jane@example.com',
        first_name: 'Jane',
        metadata: { utmSource: 'fair' },
        submission_count: 1,
      },
      submissions: [
        { status: 'SPAM', fields: { email: 'JANE@example.com' }, user_agent: 'Browser 1', spam_reasons: ['honeypot'] },
        { status: 'ACCEPTED', outcome: 'CREATED', fields: { first_name: 'Jane' } },
      ],
      events: [{ type: 'contact.created', data: { id, first_name: 'Jane' } }],
      deliveries: [
        {
          status: 'SUCCEEDED',
          host: new URL(receiver.url).host,
          attempts: [{ response_status: 200, response_body: 'kept under number 7' }],
        },
      ],
      audit: [],
      complete: true,
    })
    expect(JSON.stringify(all)).not.toMatch(/bob|secret|workspace/)
  })

  it('says when it is not all, and keeps to 4 MiB of each', async () => {
    const email = 'busy@example.com'
    const busy = await capture({ email })
    const metadata = (nth: number) =>
      Object.fromEntries(Array.from({ length: 50 }, (_, key) => [`key${key}`, `${nth} `.padEnd(500, 'x')]))
    for (let nth = 0; nth < 20; nth++) await capture({ email, metadata: metadata(nth) })
    expect(await exported(busy)).toMatchObject({ complete: true })
    for (let nth = 20; nth < 80; nth++) await capture({ email, metadata: metadata(nth) })
    const { complete, submissions } = (await exported(busy)) as { complete: boolean; submissions: Json[] }
    expect(complete).toBe(false)
    expect(JSON.stringify(submissions).length).toBeLessThan(4.1 * 1024 * 1024)
    expect(submissions[0]).toMatchObject({ fields: { metadata: metadata(79) } })
  })

  it('answers null for a contact that is not there, or of another workspace', async () => {
    const other = createGraphqlClient({ ...app, key: await createWorkspace(graphql, 'other') })
    expect(await exported(id, other)).toBeNull()
    expect(await exported('cont_01HQ0000000000000000000000')).toBeNull()
  })

  it('needs PII_READ and CONTACTS_READ, both', async () => {
    for (const scopes of [['PII_READ'], ['CONTACTS_READ'], ['EVENTS_READ', 'WEBHOOKS_READ']]) {
      const client = createGraphqlClient({ ...app, key: await createKey(graphql, scopes) })
      expect((await client(exportQuery, { id })).codes).toEqual(['FORBIDDEN'])
    }
    const client = createGraphqlClient({ ...app, key: await createKey(graphql, ['PII_READ', 'CONTACTS_READ']) })
    expect(await exported(id, client)).toMatchObject({ contact: { id } })
  })
})
