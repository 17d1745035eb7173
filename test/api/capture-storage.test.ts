import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlClient, createKey, createWorkspace } from '../support/graphql-client.ts'
import { send, sendJson } from '../support/http-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const large = Object.fromEntries(Array.from({ length: 50 }, (_, nth) => [`key_${nth}`, 'x'.repeat(490)]))
const storageQuery = '{ workspace { captureStorage { bytes maxBytes } } }'
const listQuery = `{ submissions(first: 1) { nodes {
  status spamReasons email fields origin changes { field before after } contact { email }
} } }`

type Submission = Record<string, unknown>

describe('11.16: REX_WORKSPACE_MB', () => {
  let app: TestApp
  let key: string

  beforeAll(async () => {
    app = await startTestApp({ REX_WORKSPACE_MB: '1', REX_BASE_DOMAIN: 'rex.test' })
    key = await createWorkspace(createGraphqlClient(app), 'full')
  })
  afterAll(() => app?.stop())

  const graphql = (as = key) => createGraphqlClient({ url: app.url, key: as })
  const capture = async (lead: object, headers = {}) => {
    const answer = await sendJson(app.url, '/capture', lead, { host: 'full.rex.test', ...headers })
    expect(answer.status).toBe(201)
    return answer.json.data as Record<string, unknown>
  }
  const newest = async (as?: string) => {
    const { data } = await graphql(as)(listQuery)
    return (data['submissions'] as { nodes: Submission[] }).nodes[0]!
  }
  const storage = async () => {
    const { data } = await graphql()(storageQuery)
    return (data['workspace'] as { captureStorage: { bytes: number; maxBytes: number } }).captureStorage
  }

  it('is told beside what is stored, and holds captures once it is reached, answered alike', async () => {
    expect(await storage()).toEqual({ bytes: 0, maxBytes: 1_048_576 })
    let accepted = await capture({ email: 'lead@example.com', first_name: 'Jane', metadata: large })
    for (let nth = 0; nth < 14; nth++)
      accepted = await capture({ email: `lead-${nth}@example.com`, first_name: 'Jane', metadata: large })
    const held = await capture({ email: 'over@example.com', first_name: 'Jane', metadata: large })
    expect(held).toMatchObject({ email: 'over@example.com', first_name: 'Jane', stage: 'lead' })
    expect(Object.keys(held)).toEqual(Object.keys(accepted))
    expect(await newest()).toEqual({
      status: 'HELD',
      spamReasons: ['over_storage'],
      email: 'over@example.com',
      fields: {},
      origin: null,
      changes: [],
      contact: null,
    })
    const { bytes } = await storage()
    expect(bytes).toBeGreaterThan(1_048_576)
    expect(bytes).toBeLessThan(1.2 * 1_048_576)
  })

  it('is answered as before when the same Idempotency-Key comes again', async () => {
    const again = () => capture({ email: 'again@example.com', metadata: large }, { 'idempotency-key': 'one' })
    expect(await again()).toEqual(await again())
  })

  it('shows the e-mail of what is held masked without PII_READ', async () => {
    await capture({ email: 'hidden@example.com' })
    const reading = await createKey(graphql(), ['CONTACTS_READ'])
    expect((await newest(reading))['email']).toBe('h***@example.com')
  })

  it('holds nothing of a CAPTURE key, and shows what changed whole', async () => {
    await capture({ email: 'known@example.com', plan: 'pro', metadata: { seats: 3 } }, { 'x-api-key': key })
    const { status, email, changes } = await newest()
    expect({ status, email }).toEqual({ status: 'ACCEPTED', email: null })
    expect(changes).toEqual([
      { field: 'email', before: null, after: 'known@example.com' },
      { field: 'stage', before: null, after: 'lead' },
      { field: 'metadata.plan', before: null, after: 'pro' },
      { field: 'metadata.seats', before: null, after: 3 },
    ])
  })

  it('holds nothing of another workspace, and is told in the metrics', async () => {
    const other = await sendJson(app.url, '/capture', { email: 'jane@example.com' })
    expect(other.status).toBe(201)
    const { data } = await graphql(app.key)('{ submissions { nodes { status } } }')
    expect(data['submissions']).toEqual({ nodes: [{ status: 'ACCEPTED' }] })
    const { text } = await send(app.url, { path: '/metrics' })
    expect(text).toMatch(/^rex_capture_storage_bytes\{workspace_id="ws_\w+"\} 1\d{6}$/m)
    expect(text).toMatch(/^rex_capture_storage_bound_bytes 1048576$/m)
  })

  it('exports what changed, and no counts', async () => {
    await capture({ email: 'exported@example.com', plan: 'pro' }, { 'x-api-key': key })
    const { data } = await graphql()('{ contact(by: { email: "exported@example.com" }) { id } }')
    const { id } = data['contact'] as { id: string }
    const { data: all } = await graphql()('query ($id: ID!) { contactExport(id: $id) }', { id })
    const [submission] = (all['contactExport'] as { submissions: Submission[] }).submissions
    expect(submission!['changes']).toContainEqual({ field: 'metadata.plan', before: null, after: 'pro' })
    expect(Object.keys(submission!).filter((name) => name.endsWith('_bytes'))).toEqual([])
  })
})
