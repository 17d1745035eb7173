import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'

/** Text that may stand in HTML as it is. Only `html` and `raw` make it. */
export interface Html {
  readonly html: string
}

type Part = string | number | Html | readonly Html[]

/** A template whose values are escaped unless they are Html already. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: texts.map((text, index) => text + written(parts[index])).join('') }
}

function written(part: Part | undefined): string {
  if (part === undefined) return ''
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part))
  return 'html' in part ? part.html : part.map((each) => each.html).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

/** Style of every page. */
const pageStyle = `
:root { color-scheme: light dark; --ground: #fbfaf8; --card: #fff; --text: #1d1c1a; --soft: #6b6760; --line: #e4e0d8;
  --accent: #a4401c; --code: #f3f0ea }
@media (prefers-color-scheme: dark) { :root { --ground: #161513; --card: #1e1d1a; --text: #eceae5; --soft: #a09b91;
  --line: #33302b; --accent: #f0936b; --code: #24221f } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.55 system-ui, sans-serif }
main { max-width: 46rem; margin: 0 auto; padding: 3.5rem 1.25rem 5rem }
h1 { margin: 0; font-size: 2.5rem; line-height: 1.1; letter-spacing: -.03em }
h1 span { color: var(--accent) }
h2 { margin: 2.75rem 0 .75rem; font-size: 1.05rem }
h3 { margin: 1.5rem 0 .5rem; font-size: .9rem; color: var(--soft); font-weight: 600 }
p { margin: .6rem 0 } .lead { font-size: 1.15rem; margin-top: .75rem } .soft { color: var(--soft) }
a { color: var(--accent); text-underline-offset: .2em }
code, pre { font: .86rem/1.6 ui-monospace, Menlo, Consolas, monospace }
pre { margin: 0; padding: 1rem 1.15rem; overflow-x: auto; background: var(--code); border: 1px solid var(--line);
  border-radius: .6rem; tab-size: 2 }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.links { display: grid; grid-template-columns: repeat(auto-fill, minmax(13.5rem, 1fr)); gap: .75rem; padding: 0; margin: 0;
  list-style: none }
.links a { display: block; height: 100%; padding: .85rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; color: inherit; text-decoration: none }
.links a:hover { border-color: var(--accent) } .links strong { display: block; color: var(--accent) }
.links span { font-size: .88rem; color: var(--soft) }
section.call { margin-top: 1rem; padding: 1.1rem 1.25rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem }
section.call h2 { margin: 0 } .verb { color: var(--accent) }
.wide { overflow-x: auto }
table { width: 100%; border-collapse: collapse; font-size: .9rem }
th, td { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line) }
th { font-weight: 500; white-space: nowrap }
nav.pages { display: flex; flex-wrap: wrap; gap: .15rem 1rem; margin-bottom: 1.5rem; font-size: .9rem }
nav.pages [aria-current] { color: var(--text); font-weight: 600; text-decoration: none }
@media (min-width: 78rem) { nav.pages { position: fixed; top: 3.5rem; bottom: 1rem; left: calc(50% - 37rem); width: 11rem;
  flex-flow: column; overflow-y: auto } }
.search { margin-bottom: 2rem } .search input { width: 100%; padding: .55rem .8rem; font: inherit; color: inherit;
  background: var(--card); border: 1px solid var(--line); border-radius: .6rem }
.search ol { margin: .5rem 0 0; padding: 0; list-style: none } .search li { padding: .2rem 0 }
article { overflow-wrap: break-word } article h3 { color: var(--text) } article table code { white-space: normal } article pre { margin: .8rem 0 }
`

const styleHash = createHash('sha256').update(pageStyle).digest('base64')

/** No script, nothing from elsewhere. */
const framedPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')
const pagePolicy = `${framedPolicy}; frame-ancestors 'none'`
/** Policy of a page that loads a script of this server. */
export const scriptedPagePolicy = `${framedPolicy}; script-src 'self'; frame-ancestors 'none'`

/**
 * Sends a whole page that needs nothing from anywhere else, to be shown in nobody's frame. Only a page without a script,
 * a form or state may be framed: a click on it does nothing.
 */
export function sendPage(
  reply: FastifyReply,
  { title, main, mayBeFramed = false }: { readonly title: string; readonly main: Html; readonly mayBeFramed?: boolean },
): FastifyReply {
  return reply
    .header('content-security-policy', mayBeFramed ? framedPolicy : pagePolicy)
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(styledPage({ title, main }).html)
}

export function styledPage({ title, main }: { readonly title: string; readonly main: Html }): Html {
  return pageOf({ title, main, head: html`<style>${{ html: pageStyle }}</style>` })
}

/** Contents of a page's head and body. */
interface PageParts {
  readonly title: string
  readonly head: Html
  readonly main: Html
}

function pageOf({ title, head, main }: PageParts): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${head}
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`
}
