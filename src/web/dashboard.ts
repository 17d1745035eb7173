import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { documentsModule } from './dashboard-documents.ts'

/** A file of the dashboard as browsers get it. */
export interface DashboardFile {
  readonly name: string
  readonly kind: 'script' | 'style'
  readonly text: string
}

const folder = new URL('dashboard/', import.meta.url)
const clientName = 'graphql-ws.js'

/** Reads the dashboard's source and makes it what browsers take: a module for each file, and no bundler. */
export function readDashboard(): DashboardFile[] {
  const names = readdirSync(folder)
  const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
  const styles = names.filter((name) => name.endsWith('.css'))
  const queries = names.filter((name) => name.endsWith('.graphql'))
  return [
    ...styles.map((name) => ({ name, kind: 'style' as const, text: read(name) })),
    ...sources.map((name) => script(name.replace(/ts$/, 'js'), moduleOf(read(name)))).filter(holdsCode),
    script('documents.js', documentsModule(queries.map(read).join('\n'))),
    ...clientModules(),
  ]
}

/** Some files are types alone. */
function holdsCode({ text }: DashboardFile): boolean {
  return text.trim() !== ''
}

function script(name: string, text: string): DashboardFile {
  return { name, kind: 'script', text }
}

function read(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8')
}

/** Types and comments go, relative imports name what is served, and the one package has its own file. */
function moduleOf(source: string): string {
  return tidy(stripTypeScriptTypes(source))
    .replace(/(\bfrom '\.\/[\w-]+)\.ts'/g, "$1.js'")
    .replace(/\bfrom 'graphql-ws'/g, `from './${clientName}'`)
}

/** The client of the protocol, out of its package, with what it imports. */
function clientModules(): DashboardFile[] {
  const entry = new URL(import.meta.resolve('graphql-ws/client'))
  const text = readFileSync(entry, 'utf8')
  const imported = new Set([...text.matchAll(/\bfrom '\.\/([\w.-]+\.js)'/g)].map(([, name = '']) => name))
  const others = [...imported].map((name) => new URL(name, entry))
  return [
    script(clientName, tidy(text)),
    ...others.map((url) => script(basename(fileURLToPath(url)), tidy(readFileSync(url, 'utf8')))),
  ]
}

/** Without the lines that are comments alone, and without what types left behind. */
function tidy(code: string): string {
  return code
    .replace(/^\s*\/\*\*[\s\S]*?\*\/$/gm, '')
    .replace(/^\s*\/\/ .*$/gm, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
}
