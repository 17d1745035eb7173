import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorkspace } from '../../src/workspaces/workspace.ts'
import { send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { expectProblem } from '../support/problem.ts'

const allowed = 'https://forms.example.com'
const stranger = 'https://evil.example.net'

/** What a browser lets the pages of other origins do with /capture. */
describe('a page that captures', () => {
  let rex: TestHttp
  let pickyKey: string

  beforeAll(async () => {
    rex = await startTestHttp()
    const picky = await createWorkspace(rex.database, { slug: 'picky', name: 'Picky', actor: 'system' })
    if (picky.kind !== 'created') throw new Error('The slug is taken.')
    pickyKey = picky.token
    const text = `update workspace set allowed_origins = array['${allowed}'] where slug = 'picky'`
    await rex.database.query({ name: '', text })
  })
  afterAll(() => rex.stop())

  const capture = (headers: Readonly<Record<string, string>>, body = '{"email":"page@example.com"}') =>
    send(rex.url, {
      method: 'POST',
      path: '/capture',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
  const preflight = (headers: Readonly<Record<string, string>>, path = '/capture') =>
    send(rex.url, {
      method: 'OPTIONS',
      path,
      headers: { 'access-control-request-method': 'POST', ...headers },
    })

  test('may do so from anywhere, and its browser asks once a day', async () => {
    const answer = await preflight({ origin: stranger, 'access-control-request-headers': 'content-type' })
    expect(answer.status).toBe(204)
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, idempotency-key, x-api-key, authorization',
      'access-control-max-age': '86400',
    })
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  test('may write the path in escapes, which changes nothing', async () => {
    for (const path of ['/%63apture', '/capture#form']) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', origin: stranger }
      const answer = await send(rex.url, { method: 'POST', path, headers, body: 'email=nobody' })
      expect(answer).toMatchObject({ status: 422, headers: { 'content-type': 'text/html; charset=utf-8' } })
      expect(answer.headers['access-control-allow-origin']).toBe('*')
      expect((await preflight({ origin: stranger }, path)).headers['access-control-allow-origin']).toBe('*')
    }
    const broken = await send(rex.url, { method: 'POST', path: '/%63apture%zz', body: '' })
    expectProblem(broken, 404, 'not_found')
  })

  const namesOf = (answer: Awaited<ReturnType<typeof preflight>>) =>
    answer.headers['access-control-allow-headers']!.split(', ')

  test.each(['/capture', '/capture/challenge'])(
    '11.21: may send to %s the headers that its tools add, and those that Rex reads',
    async (path) => {
      const asked = 'baggage,sentry-trace, traceparent,X-Requested-With ,content-type'
      const answer = await preflight({ origin: stranger, 'access-control-request-headers': asked }, path)
      expect(answer.status).toBe(204)
      const added = ['baggage', 'sentry-trace', 'traceparent', 'x-requested-with']
      expect(namesOf(answer)).toEqual([...added, 'content-type', 'idempotency-key', 'x-api-key', 'authorization'])
      expect(answer.headers['access-control-allow-methods']).toBe(path === '/capture' ? 'POST' : 'GET')
      expect(answer.headers['vary']).toBe('access-control-request-headers')
    },
  )

  test('11.21: is told at most 50 names, no wildcard and nothing that is no name', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `x-tool-${index}`)
    const most = await preflight({ 'access-control-request-headers': many.join(',') })
    expect(namesOf(most)).toEqual(many.slice(0, 50))
    const odd = await preflight({ 'access-control-request-headers': '*,,a b,x\u00e4,"q",x:y,x/y,<b>,ok' })
    expect(namesOf(odd)).toEqual(['ok', 'content-type', 'idempotency-key', 'x-api-key', 'authorization'])
  })

  test.each([
    ['a success', '{"email":"page@example.com"}', 201],
    ['malformed JSON', '{', 400],
    ['a body that is too large', 'x'.repeat(100_000), 413],
    ['a missing field', '{}', 422],
  ])('may read the answer to %s', async (_name, body, status) => {
    const answer = await capture({ origin: stranger }, body)
    expect(answer.status).toBe(status)
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  test('may read that its method is wrong', async () => {
    const answer = await send(rex.url, { path: '/capture', headers: { origin: stranger } })
    expectProblem(answer, 405, 'method_not_allowed')
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  describe('of a workspace that lists its origins', () => {
    const host = 'picky.localhost'

    test('may do so from one of them', async () => {
      const first = await preflight({ host, origin: allowed })
      const answer = await capture({ host, origin: allowed })
      expect([first.status, answer.status]).toEqual([204, 201])
      for (const { headers } of [first, answer]) {
        expect(headers['access-control-allow-origin']).toBe(allowed)
        expect(headers['vary']).toMatch(/^origin\b/)
      }
    })

    test('reads errors there, too', async () => {
      const answer = await capture({ host, origin: allowed }, '{}')
      expect(answer.headers['access-control-allow-origin']).toBe(allowed)
    })

    test.each([stranger, 'null', `${allowed}.evil.net`, 'http://forms.example.com'])(
      'is refused from %s',
      async (origin) => {
        for (const answer of [await preflight({ host, origin }), await capture({ host, origin })]) {
          expectProblem(answer, 403, 'origin_not_allowed')
          expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
        }
      },
    )

    test('11.21: asks for a challenge under the same rules', async () => {
      const path = '/capture/challenge'
      const answer = await preflight({ host, origin: allowed }, path)
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([204, allowed])
      expectProblem(await preflight({ host, origin: stranger }, path), 403, 'origin_not_allowed')
    })

    test('is refused by the workspace of its key, too, though a preflight cannot know', async () => {
      const asks = { origin: stranger, 'access-control-request-headers': 'content-type, x-api-key' }
      expect((await preflight(asks)).status).toBe(204)
      expectProblem(await capture({ origin: stranger, 'x-api-key': pickyKey }), 403, 'origin_not_allowed')
    })

    test('is no page when it sends no Origin', async () => {
      expect((await capture({ host })).status).toBe(201)
    })
  })
})
