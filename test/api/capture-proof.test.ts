import type { Challenge } from 'altcha-lib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorkspace } from '../../src/workspaces/workspace.ts'
import { eventually } from '../support/eventually.ts'
import { everyFormat, type Fields, type Post } from '../support/form-bodies.ts'
import { type Received, send, sendJson } from '../support/http-client.ts'
import { makeChallenge, startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { solve } from '../support/proofs.ts'
import { runSql } from '../support/test-parts.ts'

const path = '/capture/challenge'
const tooManyLinks = 'http://a.example http://b.example http://c.example http://d.example'

let counted = 0
const newEmail = () => `proven-${++counted}@example.com`

/** The others are those of a second workspace, which asks for no proof. */
const otherHost = { host: 'other.localhost' }

describe('proofs of work at POST /capture', () => {
  let rex: TestHttp
  let otherKey: string
  let accepted: Received

  beforeAll(async () => {
    rex = await startTestHttp()
    otherKey = await makeOtherWorkspace()
    await runSql(rex.database, `update workspace set proof_of_work = slug = 'default'`)
    accepted = await postJson({ email: newEmail(), _altcha: await newProof() })
  })
  afterAll(() => rex.stop())

  const post = ({ headers, body }: Post, more: Fields = {}): Promise<Received> =>
    send(rex.url, { method: 'POST', path: '/capture', headers: { ...headers, ...more }, ...(body && { body }) })
  const postJson = (fields: Fields, headers: Fields = {}) => sendJson(rex.url, '/capture', fields, headers)
  const newProof = async (headers: Fields = {}) => solve(challengeIn(await send(rex.url, { path, headers })))

  /** What became of an e-mail: its submissions in order, and whether there are a contact and an event. */
  const stored = async (email: string) => ({
    submissions: await runSql<{ status: string; reasons: string[]; fields: Fields }>(
      rex.database,
      `select status, spam_reasons as reasons, fields from submission where fields->>'email' = $1 order by id`,
      [email],
    ),
    contacts: (await runSql(rex.database, 'select id from contact where email = $1', [email])).length,
    events: (await runSql(rex.database, `select from event where body like '%' || $1::text || '%'`, [email])).length,
  })
  const verdictsOn = async (email: string) =>
    (await stored(email)).submissions.map(({ status, reasons }) => [status, ...reasons])

  test.each(everyFormat)('%s with one is accepted, and with the same one again held', async (_format, form) => {
    const _altcha = await newProof()
    const email = newEmail()
    expect((await post(form({ email, company: 'Acme', _altcha }))).status).toBe(201)
    expect(await stored(email)).toEqual({
      submissions: [{ status: 'ACCEPTED', reasons: [], fields: { email, company: 'Acme' } }],
      contacts: 1,
      events: 1,
    })
    const another = newEmail()
    expect((await post(form({ email: another, _altcha }))).status).toBe(201)
    expect(await stored(another)).toEqual({
      submissions: [{ status: 'HELD', reasons: ['proof_reused'], fields: { email: another } }],
      contacts: 0,
      events: 0,
    })
  })

  test.each(everyFormat)('%s without one, or with a forged one, is held and answered alike', async (_format, form) => {
    for (const [sign, reason] of [
      [{}, 'proof_missing'],
      [{ _altcha: '' }, 'proof_missing'],
      [{ _altcha: 'eyJ9' }, 'proof_invalid'],
    ] as const) {
      const email = newEmail()
      const answer = await post(form({ email, ...sign }))
      expect(await stored(email)).toEqual({
        submissions: [{ status: 'HELD', reasons: [reason], fields: { email } }],
        contacts: 0,
        events: 0,
      })
      expect([answer.status, Object.keys(answer.headers)]).toEqual([201, Object.keys(accepted.headers)])
      expect(Object.keys(answer.json.data!)).toEqual(Object.keys(accepted.json.data!))
    }
  })

  test('one that is an hour old is held', async () => {
    const [workspace] = await runSql<{ id: string }>(rex.database, `select id from workspace where slug = 'default'`)
    const old = await makeChallenge(workspace!.id, new Date(Date.now() - 3_602_000))
    const email = newEmail()
    await postJson({ email, _altcha: await solve(old) })
    expect(await verdictsOn(email)).toEqual([['HELD', 'proof_expired']])
  })

  test('one of another workspace is held', async () => {
    const email = newEmail()
    await postJson({ email, _altcha: await newProof(otherHost) })
    expect(await verdictsOn(email)).toEqual([['HELD', 'proof_invalid']])
  })

  test('with another sign it is spam', async () => {
    const email = newEmail()
    await postJson({ email, message: tooManyLinks })
    expect(await verdictsOn(email)).toEqual([['SPAM', 'proof_missing', 'too_many_links']])
  })

  test('of many that come with one at once, one is accepted', async () => {
    const _altcha = await newProof()
    const emails = Array.from({ length: 20 }, newEmail)
    const answers = await Promise.all(emails.map((email) => postJson({ email, _altcha })))
    expect(answers.map(({ status }) => status)).toEqual(emails.map(() => 201))
    const verdicts = (await Promise.all(emails.map(verdictsOn))).map(String).sort()
    expect(verdicts).toEqual(['ACCEPTED', ...Array.from({ length: 19 }, () => 'HELD,proof_reused')])
  })

  test('a capture that is refused spends nothing, and one that is sent again with its key is the first', async () => {
    const fields = { email: newEmail(), _altcha: await newProof() }
    expect((await postJson({ ...fields, email: 'nobody' })).status).toBe(422)
    const first = await postJson(fields, { 'idempotency-key': 'proven' })
    const again = await postJson(fields, { 'idempotency-key': 'proven' })
    expect(again.text).toBe(first.text)
    expect(await verdictsOn(fields.email)).toEqual([['ACCEPTED']])
  })

  test('with a key of the scope CAPTURE none is needed, and none is spent', async () => {
    const fields = { email: newEmail(), _altcha: await newProof() }
    await postJson({ email: fields.email }, { 'x-api-key': rex.key })
    await postJson(fields, { 'x-api-key': rex.key })
    await postJson(fields)
    expect(await verdictsOn(fields.email)).toEqual([['ACCEPTED'], ['ACCEPTED'], ['ACCEPTED']])
  })

  test('a workspace that asks for none takes no notice of one', async () => {
    const email = newEmail()
    await postJson({ email }, otherHost)
    await postJson({ email, _altcha: 'forged' }, otherHost)
    expect((await stored(email)).submissions).toEqual([
      { status: 'ACCEPTED', reasons: [], fields: { email } },
      { status: 'ACCEPTED', reasons: [], fields: { email } },
    ])
  })

  test('a challenge is of the workspace of its host, and of a key before that', async () => {
    expect(await send(rex.url, { path, headers: { host: 'nobody.localhost' } })).toMatchObject({
      status: 404,
      json: { error: { code: 'workspace_not_found' } },
    })
    expect((await send(rex.url, { path, headers: { 'x-api-key': otherKey } })).status).toBe(200)
    expect(await send(rex.url, { path, headers: { 'x-api-key': 'wrong-key-0123456789' } })).toMatchObject({
      status: 401,
    })
  })

  async function makeOtherWorkspace(): Promise<string> {
    const made = await createWorkspace(rex.database, { slug: 'other', name: 'Other', actor: 'system' })
    if (made.kind === 'taken') throw new Error('The other workspace is there already.')
    return made.token
  }
})

describe('GET /capture/challenge', () => {
  let rex: TestHttp

  beforeAll(async () => {
    rex = await startTestHttp({ environment: { REX_CAPTURE_RATE: '3/60' } })
  })
  afterAll(() => rex.stop())

  test('is open to pages, never kept, and as many are given as captures are taken', async () => {
    for (let nth = 0; nth < 3; nth++)
      expect(await send(rex.url, { path, headers: { origin: 'https://www.example.com' } })).toMatchObject({
        status: 200,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'cache-control': 'no-store',
          'access-control-allow-origin': '*',
        },
        json: { configuration: { name: '_altcha' }, signature: expect.stringMatching(/^[0-9a-f]{64}$/) },
      })
    expect(await send(rex.url, { path, headers: { origin: 'https://www.example.com' } })).toMatchObject({
      status: 429,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/), 'access-control-allow-origin': '*' },
      json: { error: { code: 'rate_limited' } },
    })
    expect((await send(rex.url, { path, headers: { 'x-api-key': rex.key } })).status).toBe(200)
    const spared = { email: 'spared@example.com' }
    expect((await sendJson(rex.url, '/capture', spared)).status).toBe(201)
  })

  test('is given to pages of listed origins alone', async () => {
    const listed = { origin: 'https://www.example.com', 'x-api-key': rex.key }
    await runSql(rex.database, `update workspace set allowed_origins = '{https://www.example.com}'`)
    const ofEvil = () => send(rex.url, { path, headers: { ...listed, origin: 'https://evil.example' } })
    // A workspace is remembered for a while.
    await eventually(
      async () => (await ofEvil()).status === 403,
      async () => String((await ofEvil()).status),
    )
    expect((await ofEvil()).json.error).toMatchObject({ code: 'origin_not_allowed' })
    expect(await send(rex.url, { path, headers: listed })).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': 'https://www.example.com' },
    })
  })
})

describe('GET /altcha.js', () => {
  let rex: TestHttp

  beforeAll(async () => {
    rex = await startTestHttp()
  })
  afterAll(() => rex.stop())

  test('is a script for any page, kept for a day and by its ETag', async () => {
    const plain = await send(rex.url, { path: '/altcha.js' })
    expect(plain).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=86400',
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
      },
    })
    expect(plain.text).toContain('altcha-widget')
    const packed = await send(rex.url, { path: '/altcha.js', headers: { 'accept-encoding': 'gzip, br' } })
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', etag: plain.headers['etag'] })
    const known = { 'if-none-match': plain.headers['etag']! }
    expect(await send(rex.url, { path: '/altcha.js', headers: known })).toMatchObject({ status: 304, text: '' })
  })
})

function challengeIn({ json }: Received): Challenge {
  return json as unknown as Challenge
}
