import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '../..')

/** A fenced block of a page. */
export interface Block {
  /** Path of the page in the repository. */
  readonly file: string
  readonly language: string
  readonly text: string
}

/** Pages whose shell blocks work one after the other; all other pages follow them. */
const inOrder = ['README.md', 'docs/start.md', 'docs/capture.md', 'docs/sources.md', 'docs/webhooks.md']

/** README.md and the pages of `docs`, in the order in which a reader runs their blocks. */
export const documentFiles: readonly string[] = [
  ...new Set([...inOrder, ...readdirSync(join(repository, 'docs')).filter(isPage).sort().map(pathOf)]),
]

/** Blocks of all documents. */
export const documentBlocks: readonly Block[] = documentFiles.flatMap((file) => blocksOf(file))

export function blocksOf(file: string): Block[] {
  const blocks = readDocument(file).matchAll(/^```(\w*)\n(.*?)\n```$/gms)
  return [...blocks].map(([, language = '', text = '']) => ({ file, language, text }))
}

export function readDocument(file: string): string {
  return readFileSync(join(repository, file), 'utf8')
}

function isPage(name: string): boolean {
  return name.endsWith('.md')
}

function pathOf(name: string): string {
  return `docs/${name}`
}
