import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sourceTools } from '../../src/app/source-tools.ts'
import { readDashboard } from '../../src/web/dashboard.ts'
import { type Sent, send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { expectProblem } from '../support/problem.ts'

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const { files, entry } = readDashboard(sourceTools())
const hashed = files.filter(({ isImmutable }) => isImmutable).map(({ name }) => `/dashboard/${name}`)
const paths = ['/', ...files.map(({ name }) => `/dashboard/${name}`)]

describe('the dashboard', () => {
  let rex: TestHttp

  beforeAll(async () => {
    rex = await startTestHttp()
  })
  afterAll(() => rex.stop())

  const get = (path: string, headers: Sent['headers'] = {}, method = 'GET') => send(rex.url, { path, method, headers })

  test('names all that its first view imports, so that nothing waits for another', async () => {
    const named = pathsIn((await get('/')).text)
    for (const name of [entry.script, ...entry.styles, ...entry.imports]) expect(named).toContain(`/dashboard/${name}`)
    expect(named.filter((path) => !paths.includes(path))).toEqual([])
  })

  test('is under a strict policy, page and files alike', async () => {
    for (const path of paths) {
      const { status, headers } = await get(path)
      expect({ path, status }).toEqual({ path, status: 200 })
      expect(headers).toMatchObject({
        'content-security-policy': policy,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        vary: 'accept-encoding',
      })
      expect(headers).not.toHaveProperty('access-control-allow-origin')
      expect(headers).not.toHaveProperty('set-cookie')
    }
  })

  test('has nothing inline in its page', async () => {
    const { text } = await get('/')
    expect(text).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:/i)
  })

  test('has files of the types that browsers insist on', async () => {
    const types: Readonly<Record<string, string>> = {
      css: 'text/css',
      js: 'text/javascript',
      svg: 'image/svg+xml',
      json: 'application/json',
    }
    for (const path of paths) {
      const expected = types[path.split('.').at(-1) ?? ''] ?? 'text/html'
      expect((await get(path)).headers['content-type']).toBe(`${expected}; charset=utf-8`)
    }
  })

  test('has files that are kept for ever, because their names change with them, and a page that is asked for', async () => {
    expect(hashed.length).toBeGreaterThan(10)
    for (const path of hashed) {
      expect(path).toMatch(/-[\w-]{8}\.\w+$/)
      expect((await get(path)).headers['cache-control']).toBe('public, max-age=31536000, immutable')
    }
    expect((await get('/')).headers['cache-control']).toBe('no-cache')
    expect((await get('/dashboard/source-tools.json')).headers['cache-control']).toBe('no-cache')
  })

  test('is not sent again to who has it', async () => {
    for (const path of paths) {
      const { etag = '' } = (await get(path)).headers
      expect(etag).toMatch(/^W\/"[\w-]{43}(?:-[\w-]{12})?"$/)
      const again = await get(path, { 'if-none-match': etag })
      expect(again).toMatchObject({ status: 304, text: '' })
      expect(again.headers).toMatchObject({ etag, 'content-security-policy': policy })
      expect((await get(path, { 'if-none-match': 'W/"other"' })).status).toBe(200)
    }
  })

  test('is another page for who reaches it elsewhere', async () => {
    const tagOf = async (host: string) => (await get('/', { host })).headers['etag']
    expect(await tagOf('a.example.com')).not.toBe(await tagOf('b.example.com'))
  })

  test('has no other files, and takes no other methods', async () => {
    for (const path of [
      '/dashboard',
      '/dashboard/',
      '/dashboard/other.js',
      '/dashboard/main.tsx',
      '/dashboard/manifest.json',
      '/dashboard/..%2fapp.ts',
    ])
      expectProblem(await get(path), 404, 'not_found')
    expectProblem(await get(`/dashboard/${entry.script}`, {}, 'POST'), 405, 'method_not_allowed')
  })
})

function pathsIn(page: string): string[] {
  return [...page.matchAll(/(?:href|src)="(\/dashboard\/[^"]+)"/g)].map(([, path = '']) => path)
}
