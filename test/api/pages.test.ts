import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageList } from '../../src/rest/docs/build/page-list.ts'
import { send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { addSource, withSourceDoor } from '../support/source-door.ts'

const pages = pageList.map(({ name }) => `/docs/${name}`)

describe('the pages', () => {
  let rex: TestHttp

  beforeAll(async () => {
    rex = await startTestHttp({ replace: withSourceDoor })
  })
  afterAll(() => rex.stop())

  const get = (path: string, headers: Readonly<Record<string, string>> = {}) => send(rex.url, { path, headers })

  test("at / shows this server's own curl, which works as it stands", async () => {
    const page = await get('/')
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    const curl = /<pre><code>([^<]+)<\/code><\/pre>/
      .exec(page.text)![1]!
      .replaceAll('&#39;', "'")
      .replaceAll('&quot;', '"')
    const [, url, body] = /^curl -X POST (\S+) \\\n.*-d '(.*)'$/s.exec(curl)!
    expect(url).toBe(`${rex.url}/capture`)
    const answer = await fetch(url!, { method: 'POST', headers: { 'content-type': 'application/json' }, body: body! })
    expect(answer.status).toBe(201)
  })

  test('link only to what answers', async () => {
    for (const path of ['/', '/docs', ...pages]) {
      const { text } = await get(path)
      const links = [...text.matchAll(/href="(\/[^"]*)"/g)].map(([, href]) => href!)
      expect(links.length).toBeGreaterThan(0)
      for (const href of links) expect({ href, status: (await get(href)).status }).toEqual({ href, status: 200 })
    }
  })

  test('link from / to everything that a newcomer looks for', async () => {
    const { text } = await get('/')
    for (const path of ['/graphql', '/schema.graphql', '/openapi.json', '/docs', '/healthz', '/readyz'])
      expect(text).toContain(`href="${path}"`)
  })

  test.each(['/docs', ...pages])('%s needs nothing from elsewhere, and says so to the browser', async (path) => {
    const { text, headers } = await get(path)
    expect(text.match(/<script[^>]*>/g)).toEqual(['<script src="/docs/search.js" defer>'])
    expect(text).not.toMatch(/<link|<img|@import|url\(|style="/)
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; script-src 'self'; /,
    )
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  test.each(pages)('%s links to headings that are there', async (path) => {
    const { text } = await get(path)
    for (const [, page, id] of text.matchAll(/href="([^"#]*)#([^"]+)"/g)) {
      const target = page!.startsWith('http') ? undefined : await get(page || path)
      if (target !== undefined) expect(target.text).toContain(` id="${id}"`)
    }
  })

  test('shows a page of the documentation with its blocks, and marks it in the navigation', async () => {
    const { text } = await get('/docs/webhooks')
    expect(text).toContain('<h1 id="webhooks">Webhooks</h1>')
    expect(text).toContain('<a href="/docs/webhooks" aria-current="page">Webhooks</a>')
    expect(text).toContain('&quot;id&quot;:&quot;evt_01HQ0000000000000000000000&quot;')
  })

  test('a page has an ETag, is compressed, and is not sent again to who has it', async () => {
    const { headers } = await get('/docs/sources', { 'accept-encoding': 'gzip' })
    expect(headers['content-encoding']).toBe('gzip')
    expect((await get('/docs/sources', { 'if-none-match': String(headers['etag']) })).status).toBe(304)
  })

  test('/llms.txt lists every page as Markdown, and each is there', async () => {
    const { text, headers } = await get('/llms.txt')
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(text).toMatch(/^# Rex\n\n> .+\n\n## /)
    const links = [...text.matchAll(/^- \[[^\]]+\]\(([^)]+)\): .+\.$/gm)].map(([, url = '']) => url)
    expect(links).toHaveLength(pages.length + 2)
    for (const url of links) {
      expect(url.startsWith(`${rex.url}/`)).toBe(true)
      const page = await get(url.slice(rex.url.length))
      expect({ url, status: page.status }).toEqual({ url, status: 200 })
      if (url.endsWith('.md')) expect(page.headers['content-type']).toBe('text/markdown; charset=utf-8')
    }
  })

  test('Markdown links to the other pages as Markdown', async () => {
    const { text } = await get('/docs/start.md')
    expect(text).toMatch(/^# Start\n/)
    expect(text).toContain('](/docs/operating.md#deploy)')
  })

  test.each(pages)('%s.md has no link to a file that is not served', async (path) => {
    const { text } = await get(`${path}.md`)
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.split('#')[0])
    for (const target of new Set(targets))
      if (target && !/^https?:/.test(target))
        expect({ target, status: (await get(target)).status }).toEqual({ target, status: 200 })
  })

  test('a page names the path of what only the repository has', async () => {
    expect((await get('/docs/webhooks.md')).text).toContain('examples (`examples/verify` in the repository)')
    expect((await get('/docs/webhooks')).text).toContain('examples (<code>examples/verify</code> in the repository)')
    expect((await get('/docs/capture.md')).text).toContain('examples/landing-page (in the repository)')
  })

  test('/docs and / lead a newcomer to the page Start', async () => {
    for (const path of ['/docs', '/']) expect((await get(path)).text).toContain('<a href="/docs/start">')
    expect((await get('/docs')).text).toContain('New to Rex? <a href="/docs/start">Start</a>')
  })

  test('a page that is not there is 404', async () => {
    for (const path of ['/docs/nothing', '/docs/nothing.md', '/docs/decisions'])
      expect((await get(path)).status).toBe(404)
  })

  test('a host name that is no host name is refused rather than shown', async () => {
    for (const host of ['<script>', 'a"b', "a';rm -rf /", 'a b', 'a@b', ''])
      expect((await get('/', { host })).status).toBe(400)
  })

  test('/schema.graphql is the SDL', async () => {
    const answer = await get('/schema.graphql')
    expect(answer.text).toContain('type Query')
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
  })

  test('/docs shows every call that /openapi.json describes', async () => {
    const { json } = await get('/openapi.json')
    const { text } = await get('/docs')
    for (const [path, calls] of pathsOf(json))
      for (const method of Object.keys(calls))
        expect(text).toContain(`<span class="verb">${method.toUpperCase()}</span> ${path}`)
  })

  test('/openapi.json describes the REST part: every call answers, and every reference leads somewhere', async () => {
    const { json } = await get('/openapi.json')
    expect(json).toMatchObject({ openapi: '3.1.0', servers: [{ url: rex.url }] })
    for (const [, reference] of JSON.stringify(json).matchAll(/"\$ref":"#\/([^"]+)"/g))
      expect(
        reference!.split('/').reduce((part: unknown, name) => (part as Record<string, unknown>)?.[name], json),
      ).toBeDefined()
    const { token } = await addSource(rex.database)
    for (const [template, calls] of pathsOf(json)) {
      const path = template.replace('{id}', 'wh_1').replace('{token}', token)
      for (const method of Object.keys(calls)) {
        const answer = await send(rex.url, { method: method.toUpperCase(), path })
        expect({ path, method, status: answer.status }).not.toMatchObject({
          status: expect.toSatisfy((s) => s === 404 || s === 405),
        })
      }
    }
  })
})

type Calls = Record<string, { responses: Record<string, unknown> }>

function pathsOf(json: object): [string, Calls][] {
  return Object.entries((json as { paths: Record<string, Calls> }).paths)
}
