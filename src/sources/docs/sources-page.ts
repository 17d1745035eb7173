import type { Kind } from '../kinds/kind.ts'

const start = '<!-- The rest is generated from src/sources/kinds: npm run generate:sources-page -->'

const evidenceNames = { shape: 'a payload of its published shape', recollection: 'recollection only' } as const

/** Returns the page about sources with the part anew that the kinds say. The introduction is kept as it is. */
export function sourcesPage(page: string, kinds: readonly Kind[]): string {
  const end = page.indexOf(start)
  if (end === -1) throw new Error(`docs/sources.md has no line "${start}"`)
  const sorted = [...kinds].sort((one, other) => one.title.localeCompare(other.title, 'en'))
  return `${page.slice(0, end)}${start}\n\n${tableOf(sorted)}\n\n${sorted.map(sectionOf).join('\n\n')}\n`
}

function tableOf(kinds: readonly Kind[]): string {
  const rows = kinds.map((kind) =>
    [
      `[${kind.title}](#${anchorOf(kind)})`,
      `\`${nameOf(kind)}\``,
      signatureOf(kind),
      evidenceNames[kind.evidence],
    ].join(' | '),
  )
  const head = ['## Tools', '', '| Tool | `kind` | Signature | Tried with |', '|---|---|---|---|']
  return [...head, ...rows.map((row) => `| ${row} |`)].join('\n')
}

function sectionOf(kind: Kind): string {
  const steps = kind.setup.map((step, index) => `${index + 1}. ${step}`).join('\n')
  return [`### ${kind.title}`, steps, `Events: ${kind.events ?? 'every request becomes a lead.'}`].join('\n\n')
}

function nameOf(kind: Kind): string {
  return kind.name.toLowerCase()
}

function signatureOf(kind: Kind): string {
  return kind.verification === undefined ? '' : 'with a secret'
}

/** Returns the anchor that Markdown gives to a heading. */
function anchorOf(kind: Kind): string {
  return kind.title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')
}
