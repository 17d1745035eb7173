import type { FastifyInstance } from 'fastify'
import type { CheckKeylessRate } from '../../server/request/keyless-rate-limit.ts'
import { baseUrlOf } from '../../server/request/request-origin.ts'
import {
  addressMark,
  type Cached,
  cachedForAddress,
  cachedText,
  sendCached,
} from '../../server/response/cached-response.ts'
import { escapeHtml, type Html, html, scriptedPagePolicy, styledPage } from '../pages/html.ts'
import { scriptType } from '../pages/script-response.ts'
import { type BuiltPage, readBuiltPages, readSearchScript } from './built-pages.ts'
import { llmsText } from './llms-text.ts'
import { referencePage } from './reference-page.ts'

const pageType = 'text/html; charset=utf-8'
const headers = { 'content-security-policy': scriptedPagePolicy, 'referrer-policy': 'no-referrer' }

/** Adds the documentation: the content of `/openapi.json` at `/docs`, the pages below it, and `/llms.txt`. */
export function addDocs(
  app: FastifyInstance,
  parts: { readonly publicUrl: string | undefined; readonly checkKeylessRate: CheckKeylessRate },
): void {
  const pages = readBuiltPages()
  const reference = framed({ title: 'Rex: REST', current: '', pages, content: referencePage(addressMark) })
  const referenceAt = cachedForAddress(pageType, reference.html, escapeHtml)
  const llmsAt = cachedForAddress('text/plain; charset=utf-8', llmsText(addressMark, pages), String)
  const add = (path: string, cachedAt: (address: string) => Cached) =>
    app.get(path, async (request, reply) => {
      const cached = cachedAt(baseUrlOf(request.requestOrigin, parts.publicUrl))
      return sendCached(request, reply.headers(headers), cached, parts.checkKeylessRate)
    })
  const addText = (path: string, type: string, text: string) => {
    const cached = cachedText(type, text)
    add(path, () => cached)
  }

  add('/docs', referenceAt)
  add('/llms.txt', llmsAt)
  addText('/docs/search.js', scriptType, readSearchScript())
  for (const page of pages) {
    addText(`/docs/${page.name}`, pageType, documentPage(page, pages).html)
    addText(`/docs/${page.name}.md`, 'text/markdown; charset=utf-8', page.markdown)
  }
}

function documentPage({ name, label, html: content }: BuiltPage, pages: readonly BuiltPage[]): Html {
  const article = html`<article>${{ html: content }}</article>`
  return framed({ title: `Rex: ${label}`, current: name, pages, content: article })
}

/** Puts the navigation and the search above a page. */
function framed(page: {
  readonly title: string
  readonly current: string
  readonly pages: readonly BuiltPage[]
  readonly content: Html
}): Html {
  const { title, current, pages, content } = page
  const links = [...pages, { name: '', label: 'REST' }].map(({ name, label }) => {
    const href = name === '' ? '/docs' : `/docs/${name}`
    return html`<a href="${href}"${name === current ? html` aria-current="page"` : ''}>${label}</a>\n`
  })
  const main = html`<nav class="pages" aria-label="Documentation"><a href="/">Rex</a>
${links}</nav>
<div class="search" id="search"></div>
${content}
<script src="/docs/search.js" defer></script>`
  return styledPage({ title, main })
}
