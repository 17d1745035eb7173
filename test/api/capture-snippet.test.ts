import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFormTokens } from '../../src/capture/screen/form-token.ts'
import { buildSnippet } from '../../src/web/build-snippet.ts'
import { createSnippet } from '../../src/web/snippet.ts'
import { type Sent, send } from '../support/http-client.ts'
import { formTokens, startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { expectProblem } from '../support/problem.ts'

const dayMs = 86_400_000

describe('/capture.js', () => {
  let rex: TestHttp

  beforeAll(async () => {
    rex = await startTestHttp()
  })
  afterAll(() => rex.stop())

  const get = (headers: Sent['headers'] = {}, method = 'GET') => send(rex.url, { method, path: '/capture.js', headers })

  test('is a script that pages of any origin may use, whatever they demand of what comes from elsewhere', async () => {
    const { status, headers } = await get({ origin: 'https://www.example.com' })
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=300',
      vary: 'accept-encoding',
    })
    expect(headers).not.toHaveProperty('set-cookie')
  })

  test('is under 3 KB gzipped, and the same when unpacked', async () => {
    const packed = await bytesOf(rex.url)
    expect(packed.length).toBeLessThan(3072)
    expect(withoutToken(gunzipSync(packed).toString())).toBe(withoutToken((await get()).text))
  })

  test.each([
    ['gzip, deflate, br', 'gzip'],
    ['br;q=1, GZIP;q=0.5', 'gzip'],
    ['br', undefined],
    ['gzip;q=0', undefined],
    ['gzip; q=0.0, br', undefined],
    ['', undefined],
  ])('to who accepts "%s" is encoded as %s', async (accepted, encoding) => {
    expect((await get({ 'accept-encoding': accepted })).headers['content-encoding']).toBe(encoding)
  })

  test('carries a token of the last second, which the server takes from a form that was open for a while', async () => {
    const before = Date.now()
    const token = tokenOf((await get()).text)
    const signedAt = Number.parseInt(token, 36)
    expect(signedAt).toBeGreaterThan(before - 1000)
    expect(signedAt).toBeLessThanOrEqual(Date.now())
    expect(formTokens.readFormToken(token, new Date(signedAt + 1999))).toBe('too_young')
    expect(formTokens.readFormToken(token, new Date(signedAt + 2000))).toBe('valid')
  })

  test('is not sent again to who has it', async () => {
    const { etag = '' } = (await get()).headers
    expect(etag).toMatch(/^W\/"[\w-]{43}"$/)
    for (const named of [etag, etag.replace('W/', ''), `"other", ${etag}`, '*']) {
      const answer = await get({ 'if-none-match': named })
      expect(answer).toMatchObject({ status: 304, text: '' })
      expect(answer.headers).toMatchObject({ etag, 'cache-control': 'public, max-age=300', vary: 'accept-encoding' })
    }
    expect((await get({ 'if-none-match': 'W/"other"' })).status).toBe(200)
  })

  test('is answered to HEAD without its body, and to nothing else', async () => {
    const head = await get({}, 'HEAD')
    expect(head).toMatchObject({ status: 200, text: '' })
    expect(head.headers['content-length']).toBe((await get()).headers['content-length'])
    const wrong = await get({}, 'POST')
    expectProblem(wrong, 405, 'method_not_allowed')
    expect(wrong.headers['allow']).toBe('GET, HEAD')
  })

  test('is described to people and machines', async () => {
    const { json } = await send(rex.url, { path: '/openapi.json' })
    expect(json).toMatchObject({
      paths: { '/capture.js': { get: { responses: { 200: { content: { 'text/javascript': {} } } } } } },
    })
    expect((await send(rex.url, { path: '/docs' })).text).toContain('/capture.js')
  })
})

describe('the version of the snippet', () => {
  const snippet = createSnippet(formTokens)
  const noon = new Date('2026-03-16T12:00:00.000Z')
  const later = (ms: number) => new Date(noon.getTime() + ms)

  test('is that of its day, so that no cache keeps a token until it expires', () => {
    expect(snippet.version(later(dayMs / 2 - 1))).toBe(snippet.version(noon))
    expect(snippet.version(later(-dayMs / 2))).toBe(snippet.version(noon))
    expect(snippet.version(later(dayMs / 2))).not.toBe(snippet.version(noon))
  })

  test('is another one with another key, whose tokens would be refused', () => {
    const other = createSnippet(createFormTokens([{ id: 'k2', key: Buffer.alloc(32, 7) }]))
    expect(other.version(noon)).not.toBe(snippet.version(noon))
  })
})

describe('the source of the snippet', () => {
  const code = createSnippet(formTokens).render(new Date())

  test('is one expression that names no global of its own', () => {
    expect(code).toMatch(/^(?:"use strict";)?\(\(\)=>\{[\s\S]*\}\)\(\);\n$/)
    expect(() => new Function(code)).not.toThrow()
  })

  test('is built from the present source', () => {
    expect(readFileSync(new URL('../../src/generated/snippet.js', import.meta.url), 'utf8')).toBe(buildSnippet())
  })

  test('has no comment, cookie, eval or inline style, and nothing of TypeScript', () => {
    expect(code).not.toMatch(/\/\*|\/\/|cookie|eval\(|Function\(|innerHTML|setAttribute\('style'|^import|^export/m)
  })

  test('stays under 3 KB gzipped, whatever its token, which does not compress', () => {
    const { render } = createSnippet(formTokens)
    const sizes = Array.from({ length: 200 }, (_, day) => gzipSync(render(new Date(day * dayMs)), { level: 9 }).length)
    expect(Math.max(...sizes)).toBeLessThan(3000)
  })
})

function tokenOf(script: string): string {
  const [token = ''] = /[0-9a-z]{8,9}\.[\w-]{43}/.exec(script) ?? []
  return token
}

function withoutToken(script: string): string {
  return script.replace(tokenOf(script), '')
}

/** What goes over the wire. */
function bytesOf(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${url}/capture.js`,
      { headers: { 'accept-encoding': 'gzip' }, agent: false },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk) => chunks.push(chunk))
        answer.on('end', () => resolve(Buffer.concat(chunks)))
      },
    )
    outgoing.on('error', reject).end()
  })
}
