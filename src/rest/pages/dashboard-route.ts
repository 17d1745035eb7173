import type { FastifyInstance } from 'fastify'
import type { CheckKeylessRate } from '../../server/request/keyless-rate-limit.ts'
import { baseUrlOf } from '../../server/request/request-origin.ts'
import { addressMark, cachedForAddress, cachedText, sendCached } from '../../server/response/cached-response.ts'
import { homePage } from './home-page.ts'
import { escapeHtml, type Html, html } from './html.ts'
import { scriptType } from './script-response.ts'

/** A file of the dashboard, as it is served here. */
interface ServedFile {
  readonly name: string
  readonly kind: keyof typeof types
  readonly isImmutable: boolean
  readonly text: string
}

/** Files of the dashboard, and the names of those that its page loads at once. */
export interface ServedDashboard {
  readonly files: readonly ServedFile[]
  readonly entry: {
    readonly script: string
    readonly styles: readonly string[]
    readonly imports: readonly string[]
  }
}

const types = {
  script: scriptType,
  style: 'text/css; charset=utf-8',
  image: 'image/svg+xml; charset=utf-8',
  data: 'application/json; charset=utf-8',
}

/** Nothing from elsewhere, nothing inline, in nobody's frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // The favicon with the number of unseen leads is drawn in the page.
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = { 'content-security-policy': policy, 'referrer-policy': 'no-referrer' }
const forever = 'public, max-age=31536000, immutable'

/** The page at `/`, and the files that it loads. */
export function addDashboard(
  app: FastifyInstance,
  parts: {
    readonly dashboard: ServedDashboard
    readonly publicUrl: string | undefined
    readonly checkKeylessRate: CheckKeylessRate
  },
): void {
  const { dashboard, publicUrl, checkKeylessRate } = parts
  const pageAt = cachedForAddress('text/html; charset=utf-8', pageOf(dashboard).html, escapeHtml)
  app.get('/', async (request, reply) => {
    const cached = pageAt(baseUrlOf(request.requestOrigin, publicUrl))
    return sendCached(request, reply.headers(headers), cached, checkKeylessRate)
  })
  for (const { name, kind, isImmutable, text } of dashboard.files) {
    const cached = { ...cachedText(types[kind], text), ...(isImmutable && { cacheControl: forever }) }
    app.get(addressOf(name), async (request, reply) =>
      sendCached(request, reply.headers(headers), cached, checkKeylessRate),
    )
  }
}

/** Imports are named in advance: otherwise each level of imports would wait for the one above. */
function pageOf({ files, entry }: ServedDashboard): Html {
  const icon = files.find(({ kind }) => kind === 'image')
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Rex</title>
${icon === undefined ? '' : html`<link rel="icon" type="image/svg+xml" href="${addressOf(icon.name)}">`}
${entry.styles.map((name) => html`<link rel="stylesheet" href="${addressOf(name)}">\n`)}
${entry.imports.map((name) => html`<link rel="modulepreload" href="${addressOf(name)}">\n`)}
<script type="module" src="${addressOf(entry.script)}"></script>
</head>
<body>
<div id="dashboard"><p class="newcomer">The dashboard needs JavaScript. All that follows does not.</p></div>
<div id="newcomer" class="newcomer">
${homePage(addressMark)}
</div>
</body>
</html>
`
}

function addressOf(name: string): string {
  return `/dashboard/${name}`
}
