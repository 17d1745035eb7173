import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sourceTools } from '../../src/app/source-tools.ts'
import { readDashboard } from '../../src/web/dashboard.ts'
import { type Sent, send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { expectProblem } from '../support/problem.ts'

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

describe('the dashboard', () => {
  let rex: TestHttp
  let paths: string[]

  beforeAll(async () => {
    rex = await startTestHttp()
    paths = ['/', ...pathsIn((await get('/')).text)]
  })
  afterAll(() => rex.stop())

  const get = (path: string, headers: Sent['headers'] = {}, method = 'GET') => send(rex.url, { path, method, headers })

  test('names all its files in the page, so that none waits for another', () => {
    const served = ['page.css', ...readDashboard(sourceTools()).map(({ name }) => name)]
    expect(paths.toSorted()).toEqual(['/', ...served.map((name) => `/dashboard/${name}`)].toSorted())
  })

  test('is under a strict policy, page and files alike', async () => {
    for (const path of paths) {
      const { status, headers } = await get(path)
      expect({ path, status }).toEqual({ path, status: 200 })
      expect(headers).toMatchObject({
        'content-security-policy': policy,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-cache',
        vary: 'accept-encoding',
      })
      expect(headers).not.toHaveProperty('access-control-allow-origin')
      expect(headers).not.toHaveProperty('set-cookie')
    }
  })

  test('has files of the types that browsers insist on', async () => {
    for (const path of paths) {
      const expected = { css: 'text/css', js: 'text/javascript' }[path.split('.').at(-1) ?? ''] ?? 'text/html'
      expect((await get(path)).headers['content-type']).toBe(`${expected}; charset=utf-8`)
    }
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

  test('is under 60 KB gzipped in all', async () => {
    let bytes = 0
    for (const path of paths) {
      const { headers } = await get(path, { 'accept-encoding': 'gzip' })
      // The page itself names the address of this server, and is sent as it is.
      expect(headers['content-encoding']).toBe(path === '/' ? undefined : 'gzip')
      bytes += Number(headers['content-length'])
    }
    expect(bytes).toBeGreaterThan(5000)
    expect(bytes).toBeLessThan(60 * 1024)
  })

  test('has no other files, and takes no other methods', async () => {
    for (const path of [
      '/dashboard',
      '/dashboard/',
      '/dashboard/other.js',
      '/dashboard/start.ts',
      '/dashboard/..%2fapp.ts',
    ])
      expectProblem(await get(path), 404, 'not_found')
    expectProblem(await get('/dashboard/start.js', {}, 'POST'), 405, 'method_not_allowed')
  })
})

describe('the source of the dashboard', () => {
  const files = readDashboard(sourceTools())
  const scripts = files.filter(({ kind, name }) => kind === 'script' && name !== 'documents.js')

  test('is JavaScript whose imports are all served', () => {
    const served = new Set(files.map(({ name }) => name))
    for (const { name, text } of scripts) {
      const imported = [...text.matchAll(/^(?:import|export|}) .*\bfrom '([^']+)'/gm)].map(([, from = '']) => from)
      expect({ name, missing: imported.filter((from) => !served.has(from.replace(/^\.\//, ''))) }).toEqual({
        name,
        missing: [],
      })
      expect(text).not.toMatch(/^\s*import type|\binterface \w+ \{/m)
    }
  })

  test('makes nodes and never reads HTML, and keeps nothing but the key of a tab', () => {
    for (const { text } of scripts.filter(({ name }) => !isClient(name)))
      expect(text).not.toMatch(
        /innerHTML|outerHTML|insertAdjacent|DOMParser|document\.write|localStorage|cookie|eval\(/,
      )
  })

  test('takes the client of graphql-ws out of its package', () => {
    const own = readFileSync(new URL(import.meta.resolve('graphql-ws/client')), 'utf8')
    const served = scripts.find(({ name }) => name === 'graphql-ws.js')?.text ?? ''
    expect(served).toContain('function createClient(options)')
    expect(gzipSync(served).length).toBeLessThanOrEqual(gzipSync(own).length)
  })

  const isClient = (name: string) => name === 'graphql-ws.js' || name.startsWith('common-')
})

function pathsIn(page: string): string[] {
  return [...page.matchAll(/(?:href|src)="(\/dashboard\/[^"]+)"/g)].map(([, path = '']) => path)
}
