import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createApiKey } from '../../src/workspaces/api-key.ts'
import { createWorkspace } from '../../src/workspaces/workspace.ts'
import { type Sent, send, sendJson } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { expectProblem } from '../support/problem.ts'

const json = { 'content-type': 'application/json' }
const ulid = /^cont_[0-9A-HJKMNP-TV-Z]{26}$/

describe('POST /capture', () => {
  let rex: TestHttp
  let otherKey: string
  let limitedKey: string

  beforeAll(async () => {
    rex = await startTestHttp()
    const other = await createWorkspace(rex.database, { slug: 'acme', name: 'Acme', actor: 'system' })
    if (other.kind !== 'created') throw new Error('The slug is taken.')
    otherKey = other.token
    const [row] = await rex.database.query<{ id: string }>(sql("select id from workspace where slug = 'default'"))
    const request = { workspaceId: row!.id, name: 'limited', scopes: ['WEBHOOKS_READ'], actor: 'system' } as const
    limitedKey = (await createApiKey(rex.database, request)).token
  })
  afterAll(() => rex.stop())

  const capture = (body: unknown, headers: Sent['headers'] = {}) => sendJson(rex.url, '/capture', body, headers)
  const post = (body: string | Buffer, headers: Sent['headers'] = json) =>
    send(rex.url, { method: 'POST', path: '/capture', headers, body })

  /** How many rows there are of everything that a capture writes, and when a contact was last touched. */
  const stored = () =>
    rex.database.query(
      sql(`select (select count(*) from contact) as contacts, (select count(*) from submission) as submissions,
        (select count(*) from event) as events, (select count(*) from idempotency_key) as keys,
        (select max(last_seen_at) from contact)::text as seen`),
    )

  test("the contract's curl answers 201 in exactly that shape", async () => {
    const body = `{"email": "jane@example.com", "first_name": "Jane", "last_name": "Doe", "source": "organic",
 "metadata": {"utm_source": "google", "utm_campaign": "spring-launch", "landing_page": "/pricing"}}`
    const answer = await post(body)
    expect(answer.status).toBe(201)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.json).toEqual({
      data: {
        id: expect.stringMatching(ulid),
        email: 'jane@example.com',
        first_name: 'Jane',
        last_name: 'Doe',
        stage: 'lead',
        source: 'organic',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    })
    const order = ['id', 'email', 'first_name', 'last_name', 'stage', 'source', 'created_at']
    expect(Object.keys(answer.json.data!)).toEqual(order)
  })

  test('a known e-mail answers 201 with the same id, and nothing that was stored before', async () => {
    const first = await capture({ email: 'known@example.com', first_name: 'Known', source: 'ads' })
    const second = await capture({ email: ' KNOWN@Example.com ' })
    expect(second.status).toBe(201)
    expect(second.json.data).toEqual({ ...first.json.data, first_name: null, source: null })
  })

  test('a key that may read contacts is answered the stored contact, one that may not a receipt', async () => {
    await capture({ email: 'stored@example.com', first_name: 'Stored' })
    const reads = await capture({ email: 'stored@example.com' }, { 'x-api-key': rex.key })
    const readsNot = await capture({ email: 'stored@example.com' }, { authorization: `Bearer ${limitedKey}` })
    expect(reads.json.data).toMatchObject({ first_name: 'Stored' })
    expect(readsNot.json.data).toMatchObject({ first_name: null })
  })

  test.for<[string, Sent['headers'], string]>([
    ['text/plain, as a beacon sends it', { 'content-type': 'text/plain;charset=UTF-8' }, ''],
    ['a charset in quotes and capitals', { 'content-type': 'Application/JSON; Charset="UTF-8"' }, ''],
    ['a byte order mark', json, '\ufeff'],
  ])('takes JSON in %s', async ([_name, headers, before]) => {
    const answer = await post(`${before}${JSON.stringify({ email: 'types@example.com' })}`, headers)
    expect(answer.status).toBe(201)
  })

  test('a body of exactly 64 KiB is taken, and one byte more is not', async () => {
    const fits = JSON.stringify({ email: 'size@example.com', _padding: '' })
    const padded = (bytes: number) => fits.replace('""', `"${'x'.repeat(bytes - fits.length)}"`)
    expect((await post(padded(64 * 1024))).status).toBe(201)
    expectProblem(await post(padded(64 * 1024 + 1)), 413, 'body_too_large')
  })

  test('sixteen levels are taken, and the seventeenth is too deep', async () => {
    // The outermost object is the first level; a control field is not stored, whatever it holds.
    const nested = (levels: number) => `{"email":"deep@example.com","_x":${'['.repeat(levels)}${']'.repeat(levels)}}`
    expect((await post(nested(15))).status).toBe(201)
    expectProblem(await post(nested(16)), 400, 'too_deep')
  })

  test('a workspace of another host takes its own captures', async () => {
    const mine = await capture({ email: 'host@example.com' })
    const theirs = await capture({ email: 'host@example.com' }, { host: 'ACME.localhost.:4000' })
    expect(theirs.status).toBe(201)
    expect(theirs.json.data!['id']).not.toBe(mine.json.data!['id'])
  })

  test('the same Idempotency-Key and body get the first answer again, another body 409', async () => {
    const key = { 'idempotency-key': 'form-fill-1' }
    const first = await capture({ email: 'twice@example.com' }, key)
    const before = await stored()
    const again = await capture({ email: 'twice@example.com' }, key)
    expect(again.json).toEqual(first.json)
    expectProblem(await capture({ email: 'other@example.com' }, key), 409, 'idempotency_conflict')
    expect(await stored()).toEqual(before)
  })

  test('a key whose checksum is wrong is refused without a query', async () => {
    const query = vi.spyOn(rex.database, 'query')
    const answer = await capture({ email: 'sum@example.com' }, { 'x-api-key': wrongChecksum(otherKey) })
    expectProblem(answer, 401, 'unauthenticated')
    // Captures of the tests before are told to other nodes a few milliseconds after their answers.
    const asked = query.mock.calls.map(([{ name }]) => name).filter((name) => name !== 'notify')
    expect(asked).toEqual([])
    query.mockRestore()
  })
})

function sql(text: string) {
  return { name: '', text }
}

/** The same key with its last character changed. */
function wrongChecksum(key: string): string {
  return key.slice(0, -1) + (key.endsWith('0') ? '1' : '0')
}
