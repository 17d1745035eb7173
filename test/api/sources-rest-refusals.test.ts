import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/platform/ids.ts'
import { send } from '../support/http-client.ts'
import { expectProblem } from '../support/problem.ts'
import { type SourceCalls, type SourceSpace, startSourceCalls } from '../support/source-calls.ts'

describe('/sources is refused', () => {
  let calls: SourceCalls
  let mine: SourceSpace
  const keys = { theirs: '', reads: '', writes: '', neither: '' }

  beforeAll(async () => {
    calls = await startSourceCalls()
    mine = await calls.makeSpace()
    keys.theirs = (await calls.makeSpace()).key
    keys.reads = await mine.keyWith(['SOURCES_READ'])
    keys.writes = await mine.keyWith(['SOURCES_WRITE'])
    keys.neither = await mine.keyWith(['CONTACTS_READ', 'CAPTURE', 'WEBHOOKS_READ', 'WEBHOOKS_WRITE', 'PII_READ'])
  })
  afterAll(() => calls?.rex.stop())

  const call = (method: string, path: string, body?: unknown, key: string | null = mine.key) =>
    calls.call(method, path, body, key)
  const create = (body: Readonly<Record<string, unknown>> = {}, key = mine.key) => calls.create(body, key)
  const stored = () => calls.stored()

  describe('to another workspace', () => {
    test.each([
      ['GET', '', undefined],
      ['PATCH', '', { name: 'theirs now' }],
      ['POST', '/rotate-url', undefined],
      ['DELETE', '', undefined],
    ])("%s %s of this one's id is answered exactly like one that does not exist", async (method, rest, body) => {
      const { id } = await create()
      const before = await stored()
      for (const each of [id, newId('source'), newId('endpoint'), 'src_x', '%00', 'constructor']) {
        const answer = await call(method, `/sources/${each}${rest}`, body, keys.theirs)
        expectProblem(answer, 404, 'not_found')
        expect(answer.json.error!['message']).toBe('There is no such source.')
      }
      expect(await stored()).toEqual(before)
    })

    test('the list shows nothing of this one, and its cursors are not taken', async () => {
      await create()
      await create()
      const { json } = await call('GET', '/sources?limit=1')
      expect((await call('GET', '/sources', undefined, keys.theirs)).json.data).toEqual([])
      const stolen = await call('GET', `/sources?after=${json.page!['next']}`, undefined, keys.theirs)
      expectProblem(stolen, 422, 'invalid_request', ['after'])
    })

    test('a cursor of another list is not taken', async () => {
      await create()
      await create()
      const { json } = await call('GET', '/sources?limit=1')
      const other = await call('GET', `/webhooks?after=${json.page!['next']}`)
      expectProblem(other, 422, 'invalid_request', ['after'])
    })
  })

  describe('who may do what', () => {
    const anyId = newId('source')
    test.each([
      ['GET', '/sources', undefined, 'reads', 'writes'],
      ['GET', `/sources/${anyId}`, undefined, 'reads', 'writes'],
      ['POST', '/sources', {}, 'writes', 'reads'],
      ['PATCH', `/sources/${anyId}`, {}, 'writes', 'reads'],
      ['POST', `/sources/${anyId}/rotate-url`, {}, 'writes', 'reads'],
      ['DELETE', `/sources/${anyId}`, undefined, 'writes', 'reads'],
    ] as const)('%s %s needs a key with its scope', async (method, path, body, may, mayNot) => {
      expectProblem(await call(method, path, body, null), 401, 'unauthenticated')
      expectProblem(await call(method, path, body, 'no-key-of-ours-0123456'), 401, 'unauthenticated')
      expectProblem(await call(method, path, body, keys.neither), 403, 'insufficient_scope')
      expectProblem(await call(method, path, body, keys[mayNot]), 403, 'insufficient_scope')
      expect([401, 403]).not.toContain((await call(method, path, body, keys[may])).status)
    })

    test('a URL is shown only with SOURCES_READ', async () => {
      const { id, url } = await create({}, keys.writes)
      expect(url).toBeNull()
      const answers = [
        await call('PATCH', `/sources/${id}`, { name: 'Changed' }, keys.writes),
        await call('POST', `/sources/${id}/rotate-url`, undefined, keys.writes),
      ]
      for (const { json } of answers) expect(json.data).toMatchObject({ id, url: null })
      expect((await call('GET', `/sources/${id}`, undefined, keys.reads)).json.data!['url']).toContain('/capture/in_')
    })

    test('an e-mail in a name or a path is masked without PII_READ', async () => {
      const mapping = [{ field: 'company', paths: ['people[email="jane@example.com"].company'] }]
      const { id } = await create({ name: 'Form of jane@example.com', mapping })
      expect((await call('GET', `/sources/${id}`, undefined, keys.reads)).json.data).toMatchObject({
        name: 'Form of j***@example.com',
        mapping: [{ field: 'company', paths: [expect.not.stringContaining('jane')] }],
      })
    })
  })

  const name = 'Pricing page'
  test.each<[string, unknown, number, string, string[]?]>([
    ['no name', {}, 422, 'invalid_request', ['name']],
    ['an array', [], 422, 'invalid_request', ['']],
    ['a blank name', { name: ' \u200b ' }, 422, 'invalid_request', ['name']],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, 422, 'invalid_request', ['name']],
    [
      'wrong types, all of them named',
      { name: 1, kind: 2, secret: 3, header: 4, mapping: 5 },
      422,
      'invalid_request',
      ['name', 'kind', 'secret', 'header', 'mapping'],
    ],
    ['a kind that there is not', { name, kind: 'carrier_pigeon' }, 422, 'invalid_request', ['kind']],
    ['a kind in upper case', { name, kind: 'TYPEFORM' }, 422, 'invalid_request', ['kind']],
    ['an empty secret', { name, secret: '' }, 422, 'invalid_request', ['secret']],
    ['a secret with a line break', { name, secret: 'a\nb' }, 422, 'invalid_request', ['secret']],
    ['a secret with a line separator', { name, secret: 'a\u2028b' }, 422, 'invalid_request', ['secret']],
    ['a secret of 257 characters', { name, secret: 'x'.repeat(257) }, 422, 'invalid_request', ['secret']],
    ['a header with a space', { name, header: 'X Secret' }, 422, 'invalid_request', ['header']],
    ['a header with a line break', { name, header: 'X-Secret\r\nX' }, 422, 'invalid_request', ['header']],
    [
      'several wrong fields',
      { name: '', secret: '', header: '' },
      422,
      'invalid_request',
      ['name', 'secret', 'header'],
    ],
    ['a rule that is none', { name, mapping: [1] }, 422, 'invalid_request', ['mapping.0']],
    [
      'a rule without a field, and one with a path that is no text',
      { name, mapping: [{ paths: ['a'] }, { field: 'email', paths: [1] }] },
      422,
      'invalid_request',
      ['mapping.0.field', 'mapping.1.paths.0'],
    ],
    [
      'a rule for a field that there is not, and paths that cannot be read',
      {
        name,
        mapping: [
          { field: 'stage', paths: ['a'] },
          { field: 'email', paths: ['a.b', 'a..b'] },
          { field: 'company', paths: [] },
        ],
      },
      422,
      'invalid_request',
      ['mapping.0.field', 'mapping.1.paths.1', 'mapping.2.paths'],
    ],
    [
      '31 rules',
      { name, mapping: Array(31).fill({ field: 'email', paths: ['a'] }) },
      422,
      'invalid_request',
      ['mapping'],
    ],
    [
      'a path of 201 characters',
      { name, mapping: [{ field: 'email', paths: ['x'.repeat(201)] }] },
      422,
      'invalid_request',
      ['mapping.0.paths.0'],
    ],
    ['malformed JSON', '{"name": ', 400, 'invalid_json'],
    ['U+0000', { name: 'a\u0000b' }, 400, 'invalid_encoding'],
    ['a body of 100 KB', { name: 'x'.repeat(100_000) }, 413, 'body_too_large'],
  ])('%s is refused and changes nothing', async (_name, body, status, code, paths) => {
    const { id } = await create()
    const before = await stored()
    expectProblem(await call('POST', '/sources', body), status, code, paths)
    if (JSON.stringify(body) !== '{}') expectProblem(await call('PATCH', `/sources/${id}`, body), status, code, paths)
    expect(await stored()).toEqual(before)
  })

  test('a change of null, or to no boolean, is refused', async () => {
    const { id } = await create()
    for (const [field, value] of [
      ['name', null],
      ['kind', null],
      ['mapping', null],
      ['enabled', 'yes'],
      ['overlap_hours', 169],
    ] as const)
      expectProblem(await call('PATCH', `/sources/${id}`, { [field]: value }), 422, 'invalid_request', [field])
  })

  test.each(['0', '101', '-1', '1.5', 'x', '', '1&limit=2'])('limit=%s is refused', async (limit) => {
    expectProblem(await call('GET', `/sources?limit=${limit}`), 422, 'invalid_request', ['limit'])
  })

  test('a body of another type than JSON is refused', async () => {
    const headers = { 'x-api-key': mine.key, 'content-type': 'text/plain' }
    const answer = await send(calls.rex.url, {
      method: 'POST',
      path: '/sources',
      headers,
      body: JSON.stringify({ name }),
    })
    expectProblem(answer, 415, 'unsupported_media_type')
  })
})
