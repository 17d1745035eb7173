import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { documentsModule } from './dashboard-documents.ts'

/** A file of the dashboard as served to browsers. */
export interface DashboardFile {
  readonly name: string
  readonly kind: 'script' | 'style'
  readonly text: string
}

/** A tool that sends leads, as the page about sources shows it. */
export interface SourceTool {
  /** Value of the GraphQL enum SourceKind. */
  readonly kind: string
  readonly title: string
  /** Three steps that enter the URL in the tool, in Markdown with only `**bold**` and code. */
  readonly setup: readonly string[]
}

const folder = new URL('dashboard/', import.meta.url)
const clientName = 'graphql-ws.js'

/** Reads the dashboard's source and converts it for browsers: one module per file, without a bundler. */
export function readDashboard(tools: readonly SourceTool[]): DashboardFile[] {
  const names = readdirSync(folder)
  const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
  const styles = names.filter((name) => name.endsWith('.css'))
  const queries = names.filter((name) => name.endsWith('.graphql'))
  return [
    ...styles.map((name) => ({ name, kind: 'style' as const, text: read(name) })),
    ...sources.map((name) => script(name.replace(/ts$/, 'js'), toModule(read(name)))).filter(hasCode),
    script('documents.js', documentsModule(queries.map(read).join('\n'))),
    script('source-tools.js', `export const sourceTools = ${JSON.stringify(tools)}\n`),
    ...clientModules(),
  ]
}

/** Whether a file has code: some contain only types. */
function hasCode({ text }: DashboardFile): boolean {
  return text.trim() !== ''
}

function script(name: string, text: string): DashboardFile {
  return { name, kind: 'script', text }
}

function read(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8')
}

/** Removes types and comments, and changes imports to the served files; the one package has its own file. */
function toModule(source: string): string {
  return withoutComments(stripTypeScriptTypes(source))
    .replace(/(\bfrom '\.\/[\w-]+)\.ts'/g, "$1.js'")
    .replace(/\bfrom 'graphql-ws'/g, `from './${clientName}'`)
}

/** Returns the graphql-ws client from its package, with the modules that it imports. */
function clientModules(): DashboardFile[] {
  const entry = new URL(import.meta.resolve('graphql-ws/client'))
  const text = readFileSync(entry, 'utf8')
  const imported = new Set([...text.matchAll(/\bfrom '\.\/([\w.-]+\.js)'/g)].map(([, name = '']) => name))
  const others = [...imported].map((name) => new URL(name, entry))
  return [
    script(clientName, withoutComments(text)),
    ...others.map((url) => script(basename(fileURLToPath(url)), withoutComments(readFileSync(url, 'utf8')))),
  ]
}

/** Removes lines with only a comment, and the blanks that removed types leave. */
function withoutComments(code: string): string {
  return code
    .replace(/^\s*\/\*\*[\s\S]*?\*\/$/gm, '')
    .replace(/^\s*\/\/ .*$/gm, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
}
