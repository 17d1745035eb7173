import type { FastifyInstance } from 'fastify'
import type { CheckKeylessRate } from '../../server/request/keyless-rate-limit.ts'
import { baseUrlOf } from '../../server/request/request-origin.ts'
import { addressMark, cachedForAddress, cachedText, sendCached } from '../../server/response/cached-response.ts'
import { homePage } from './home-page.ts'
import { escapeHtml, html, pageOf, pageStyle } from './html.ts'
import { scriptType } from './script-response.ts'

/** A file of the dashboard, as it is served here. */
export interface ServedFile {
  readonly name: string
  readonly kind: 'script' | 'style'
  readonly text: string
}

const types = { script: scriptType, style: 'text/css; charset=utf-8' }

/** Nothing from elsewhere, nothing inline, in nobody's frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = { 'content-security-policy': policy, 'referrer-policy': 'no-referrer' }
const pageStyleFile: ServedFile = { name: 'page.css', kind: 'style', text: pageStyle }
const start = 'start.js'

/** The page at `/`, and the files that it loads. */
export function addDashboard(
  app: FastifyInstance,
  parts: {
    readonly dashboard: readonly ServedFile[]
    readonly publicUrl: string | undefined
    readonly checkKeylessRate: CheckKeylessRate
  },
): void {
  const files = [pageStyleFile, ...parts.dashboard]
  const head = headOf(files)
  const page = pageOf({ title: 'Rex', head, main: homePage(addressMark) })
  const pageAt = cachedForAddress('text/html; charset=utf-8', page.html, escapeHtml)
  app.get('/', async (request, reply) => {
    const cached = pageAt(baseUrlOf(request.requestOrigin, parts.publicUrl))
    return sendCached(request, reply.headers(headers), cached, parts.checkKeylessRate)
  })
  for (const { name, kind, text } of files) {
    const cached = cachedText(types[kind], text)
    app.get(addressOf(name), async (request, reply) =>
      sendCached(request, reply.headers(headers), cached, parts.checkKeylessRate),
    )
  }
}

/** Modules are named in advance: otherwise each level of imports would wait for the one above. */
function headOf(files: readonly ServedFile[]) {
  const styles = files.filter(({ kind }) => kind === 'style')
  const modules = files.filter(({ kind, name }) => kind === 'script' && name !== start)
  return html`${styles.map(({ name }) => html`<link rel="stylesheet" href="${addressOf(name)}">\n`)}
${modules.map(({ name }) => html`<link rel="modulepreload" href="${addressOf(name)}">\n`)}
<script type="module" src="${addressOf(start)}"></script>`
}

function addressOf(name: string): string {
  return `/dashboard/${name}`
}
