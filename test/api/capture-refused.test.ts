import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createWorkspace } from '../../src/workspaces/workspace.ts'
import { type Received, type Sent, send, sendJson } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { expectProblem } from '../support/problem.ts'

const json = { 'content-type': 'application/json' }
const canary = 'canary'

describe.each(inject('testDatabases'))('POST /capture on %s refuses', (kind) => {
  let rex: TestHttp
  let otherKey: string

  beforeAll(async () => {
    rex = await startTestHttp(kind)
    const other = await createWorkspace(rex.database, { slug: 'acme', name: 'Acme', actor: 'system' })
    if (other.kind !== 'created') throw new Error('The slug is taken.')
    otherKey = other.token
    await capture({ email: 'before@example.com' })
  })
  afterAll(() => rex.stop())

  const capture = (body: unknown, headers: Sent['headers'] = {}) => sendJson(rex.url, '/capture', body, headers)
  const post = (body: string | Buffer, headers: Sent['headers'] = json) =>
    send(rex.url, { method: 'POST', path: '/capture', headers, body })

  /** How many rows there are of everything that a capture writes, and when a contact was last touched. */
  const stored = () =>
    rex.database.query({
      name: '',
      text: `select (select count(*) from contact) as contacts, (select count(*) from submission) as submissions,
        (select count(*) from event) as events, (select count(*) from idempotency_key) as keys,
        (select max(last_seen_at) from contact)::text as seen`,
    })

  const email = `${canary}@example.com`
  const many = (count: number, value: unknown = 1) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, value]))

  describe.each<[string, () => Promise<Received>, number, string, string[]?]>([
    ['malformed JSON', () => post(`{"email": "${email}"`), 400, 'invalid_json'],
    ['two JSON values', () => post(`{"email": "${email}"} {}`), 400, 'invalid_json'],
    ['an empty body', () => post(''), 400, 'invalid_json'],
    [
      'bytes that are not UTF-8',
      () => post(Buffer.from(`{"email":"${email}","first_name":"\xff"}`, 'latin1')),
      400,
      'invalid_encoding',
    ],
    ['U+0000 in a value', () => capture({ email, first_name: 'Jane\u0000' }), 400, 'invalid_encoding'],
    ['U+0000 in a key', () => capture({ email, 'a\u0000': 1 }), 400, 'invalid_encoding'],
    ['a lone surrogate in a value', () => post(`{"email":"${email}","last_name":"\\ud800"}`), 400, 'invalid_encoding'],
    ['a lone surrogate in a key', () => post(`{"email":"${email}","metadata":{"\\udfff":1}}`), 400, 'invalid_encoding'],
    ['17 levels', () => post(`{"email":"${email}","a":${'{"a":'.repeat(16)}1${'}'.repeat(17)}`), 400, 'too_deep'],
    ['an array', () => capture([{ email }]), 422, 'invalid_request', ['']],
    ['a string', () => capture(email), 422, 'invalid_request', ['']],
    ['null', () => capture(null), 422, 'invalid_request', ['']],
    ['no e-mail', () => capture({ first_name: canary }), 422, 'invalid_request', ['email']],
    ['a blank e-mail', () => capture({ email: '' }), 422, 'invalid_request', ['email']],
    ['two e-mails', () => capture({ email: `${email},b@example.com` }), 422, 'invalid_request', ['email']],
    ['an e-mail of another type', () => capture({ email: [email] }), 422, 'invalid_request', ['email']],
    [
      'an e-mail that folds into ASCII',
      () => capture({ email: `\u212aanary@example.com` }),
      422,
      'invalid_request',
      ['email'],
    ],
    [
      'an e-mail that is too long',
      () => capture({ email: `${canary.repeat(11)}@example.com` }),
      422,
      'invalid_request',
      ['email'],
    ],
    [
      'wrong types',
      () => capture({ email, first_name: 1, last_name: {}, source: [] }),
      422,
      'invalid_request',
      ['first_name', 'last_name', 'source'],
    ],
    [
      'a name of 201 characters',
      () => capture({ email, first_name: 'x'.repeat(201) }),
      422,
      'invalid_request',
      ['first_name'],
    ],
    ['metadata that are a list', () => capture({ email, metadata: [1] }), 422, 'invalid_request', ['metadata']],
    ['metadata of 51 keys', () => capture({ email, metadata: many(51) }), 422, 'invalid_request', ['metadata']],
    [
      'metadata of 51 keys in two places',
      () => capture({ email, ...many(1), metadata: { ...many(51) } }),
      422,
      'invalid_request',
      ['metadata'],
    ],
    ['101 fields', () => capture({ email, ...many(100, null) }), 422, 'invalid_request', ['']],
    [
      'a metadata key that does not begin with a letter',
      () => capture({ email, metadata: { '1a': 1 } }),
      422,
      'invalid_request',
      ['metadata'],
    ],
    [
      'a metadata key of 41 characters',
      () => capture({ email, metadata: { ['k'.repeat(41)]: 1 } }),
      422,
      'invalid_request',
      ['metadata'],
    ],
    [
      'a metadata value that is an object',
      () => capture({ email, metadata: { a: { b: 1 } } }),
      422,
      'invalid_request',
      ['metadata.a'],
    ],
    [
      'a metadata value of 501 characters',
      () => capture({ email, metadata: { a: 'x'.repeat(501) } }),
      422,
      'invalid_request',
      ['metadata.a'],
    ],
    [
      'a landing page of 2,049 characters',
      () => capture({ email, landing_page: 'x'.repeat(2049) }),
      422,
      'invalid_request',
      ['metadata.landing_page'],
    ],
    [
      'a __proto__ key',
      () => post(`{"email":"${email}","__proto__":{"stage":"customer"}}`),
      422,
      'invalid_request',
      ['metadata'],
    ],
    [
      'a __proto__ key in metadata',
      () => post(`{"email":"${email}","metadata":{"__proto__":1}}`),
      422,
      'invalid_request',
      ['metadata'],
    ],
    ['a constructor key', () => capture({ email, metadata: { constructor: 1 } }), 422, 'invalid_request', ['metadata']],
    ['a prototype key', () => capture({ email, prototype: 1 }), 422, 'invalid_request', ['metadata']],
    ['a body of 100 KB', () => capture({ email, notes: 'x'.repeat(100_000) }), 413, 'body_too_large'],
    [
      'a body of 100 KB in chunks',
      () => post('x'.repeat(100_000), { ...json, 'transfer-encoding': 'chunked' }),
      413,
      'body_too_large',
    ],
    [
      'a body of 100 KB of no known type',
      () => post('x'.repeat(100_000), { 'content-type': 'a/b' }),
      413,
      'body_too_large',
    ],
    ['no Content-Type', () => post(JSON.stringify({ email }), {}), 415, 'unsupported_media_type'],
    [
      'another Content-Type',
      () => post(`<email>${email}</email>`, { 'content-type': 'application/xml' }),
      415,
      'unsupported_media_type',
    ],
    [
      'a Content-Type that is none',
      () => post(JSON.stringify({ email }), { 'content-type': canary }),
      415,
      'unsupported_media_type',
    ],
    ['a Content-Encoding', () => post('', { ...json, 'content-encoding': 'gzip' }), 415, 'unsupported_encoding'],
    [
      'another charset',
      () => post(JSON.stringify({ email }), { 'content-type': 'application/json; charset=iso-8859-1' }),
      415,
      'unsupported_media_type',
    ],
    [
      'a workspace that there is not',
      () => capture({ email }, { host: 'nobody.localhost' }),
      404,
      'workspace_not_found',
    ],
    [
      'a host two labels below localhost',
      () => capture({ email }, { host: 'a.acme.localhost' }),
      404,
      'workspace_not_found',
    ],
    ['a wrong key', () => capture({ email }, { 'x-api-key': `${canary}-0123456789abcdef` }), 401, 'unauthenticated'],
    ['an empty key', () => capture({ email }, { 'x-api-key': '' }), 401, 'unauthenticated'],
    [
      'another scheme than Bearer',
      () => capture({ email }, { authorization: `Basic ${canary}` }),
      401,
      'unauthenticated',
    ],
    [
      'two keys',
      () => capture({ email }, { 'x-api-key': rex.key, authorization: `Bearer ${otherKey}` }),
      401,
      'unauthenticated',
    ],
    [
      'one key twice, and another',
      () => capture({ email }, { 'x-api-key': [rex.key, otherKey] }),
      401,
      'unauthenticated',
    ],
    [
      "a key on another workspace's host",
      () => capture({ email }, { 'x-api-key': rex.key, host: 'acme.localhost' }),
      403,
      'wrong_workspace',
    ],
    ['an empty Idempotency-Key', () => capture({ email }, { 'idempotency-key': '' }), 400, 'invalid_idempotency_key'],
    [
      'an Idempotency-Key of 256 characters',
      () => capture({ email }, { 'idempotency-key': 'k'.repeat(256) }),
      400,
      'invalid_idempotency_key',
    ],
    [
      'two Idempotency-Keys',
      () => capture({ email }, { 'idempotency-key': ['a', 'b'] }),
      400,
      'invalid_idempotency_key',
    ],
    [
      'a stage by a key that may set one, of none of ours',
      () => capture({ email, stage: 'king' }, { 'x-api-key': rex.key }),
      422,
      'invalid_request',
      ['stage'],
    ],
    [
      'an e-mail with a line break in it',
      () => capture({ email: `${canary}\r\n@example.com` }),
      422,
      'invalid_request',
      ['email'],
    ],
  ])('%s', (_name, act, status, code, paths) => {
    test(`is ${status} ${code}, changes nothing, is not quoted, and leaves the door open`, async () => {
      const before = await stored()
      const answer = await act()
      expectProblem(answer, status, code, paths)
      expect(answer.text).not.toContain(canary)
      expect(await stored()).toEqual(before)
      expect((await capture({ email: 'next@example.com' })).status).toBe(201)
    })
  })

  test('after all that no log line holds an e-mail, a key or a stack', async () => {
    expect(rex.logLines.length).toBeGreaterThan(0)
    for (const line of rex.logLines) expect(line).not.toMatch(new RegExp(`@|${canary}|${rex.key}|${otherKey}|"stack"`))
  })
})
