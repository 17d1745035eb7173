import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import type { BuiltPage } from '../built-pages.ts'
import { linkMarkdown, renderMarkdown } from './markdown.ts'
import { pageList } from './page-list.ts'
import { searchSections } from './search-sections.ts'

const repository = new URL('../../../../', import.meta.url)
const output = new URL('src/generated/docs/', repository)

/** Writes the pages of `/docs`, and the script that searches them. */
function writePages(): void {
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output, { recursive: true })
  writeFileSync(new URL('pages.json', output), JSON.stringify(pageList.map(builtPage)))
  writeFileSync(new URL('search.js', output), searchScript())
}

function builtPage({ name, file, label, summary }: (typeof pageList)[number]): BuiltPage {
  const markdown = read(file)
  return { name, label, summary, html: renderMarkdown(markdown, file), markdown: linkMarkdown(markdown, file) }
}

function searchScript(): string {
  const sections = pageList.flatMap((page) => searchSections(read(page.file), page))
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('../browser/search.ts', import.meta.url))],
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
  })
  return `const rexDocs = ${JSON.stringify(sections)};\n${outputFiles[0]?.text ?? ''}`
}

function read(file: string): string {
  return readFileSync(new URL(file, repository), 'utf8')
}

writePages()
