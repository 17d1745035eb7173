import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** A file of the dashboard as served to browsers. */
interface DashboardFile {
  readonly name: string
  readonly kind: keyof typeof kinds | 'data'
  /** Whether the name has a hash of the content, so that browsers may keep the file. */
  readonly isImmutable: boolean
  readonly text: string
}

/** Files of the dashboard, and those that its first view loads. */
export interface Dashboard {
  readonly files: readonly DashboardFile[]
  readonly entry: DashboardEntry
}

/** Names of the files that the page loads at once. */
interface DashboardEntry {
  readonly script: string
  readonly styles: readonly string[]
  readonly imports: readonly string[]
}

/** A tool that sends leads, as the page about sources shows it. */
export interface SourceTool {
  /** Value of the GraphQL enum SourceKind. */
  readonly kind: string
  readonly title: string
  /** Three steps that enter the URL in the tool, in Markdown with only `**bold**` and code. */
  readonly setup: readonly string[]
}

const folder = new URL('../generated/dashboard/', import.meta.url)
const kinds = { script: '.js', style: '.css', image: '.svg' } as const

/** Reads the built dashboard, and adds the list of tools that the build does not know. */
export function readDashboard(tools: readonly SourceTool[]): Dashboard {
  if (!existsSync(folder)) throw new Error('The dashboard is not built: run npm run generate:dashboard.')
  const toolFile = { name: 'source-tools.json', kind: 'data', isImmutable: false, text: JSON.stringify(tools) } as const
  return { files: [...builtFiles(), toolFile], entry: readEntry() }
}

function builtFiles(): DashboardFile[] {
  return readdirSync(folder).flatMap((name) => {
    const kind = kindOf(name)
    return kind === undefined ? [] : [{ name, kind, isImmutable: true, text: read(name) }]
  })
}

function kindOf(name: string): keyof typeof kinds | undefined {
  if (name.endsWith(kinds.script)) return 'script'
  if (name.endsWith(kinds.style)) return 'style'
  if (name.endsWith(kinds.image)) return 'image'
  return undefined
}

interface Chunk {
  readonly file: string
  readonly css?: readonly string[]
  readonly imports?: readonly string[]
  readonly isEntry?: boolean
}

/** Returns the entry with the files that it imports, from the manifest of the build. */
function readEntry(): DashboardEntry {
  const chunks = parseManifest(read('manifest.json'))
  const entry = Object.values(chunks).find(({ isEntry }) => isEntry)
  if (entry === undefined) throw new Error('The manifest of the dashboard has no entry.')
  const imported = importsOf(entry, chunks)
  return {
    script: entry.file,
    styles: [entry, ...imported].flatMap(({ css }) => css ?? []),
    imports: imported.map(({ file }) => file),
  }
}

function importsOf(chunk: Chunk, chunks: Readonly<Record<string, Chunk>>, found = new Set<Chunk>()): Chunk[] {
  for (const name of chunk.imports ?? []) {
    const imported = chunks[name]
    if (imported === undefined || found.has(imported)) continue
    found.add(imported)
    importsOf(imported, chunks, found)
  }
  return [...found]
}

function parseManifest(text: string): Readonly<Record<string, Chunk>> {
  return JSON.parse(text) as Readonly<Record<string, Chunk>>
}

function read(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8')
}
