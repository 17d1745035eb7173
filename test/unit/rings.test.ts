import { execFile } from 'node:child_process'
import { cp, glob, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const repository = join(import.meta.dirname, '../..')
const biome = join(repository, 'node_modules/.bin/biome')

const ring0 = ['platform', 'config', 'database', 'generated/prisma/client.ts']
const ring1 = [...ring0, 'workspaces', 'events']
const belowSurfaces = [...ring1, 'contacts', 'sources', 'webhooks', 'capture', 'delivery', 'server']

/** Who may import whom: architecture.md's table, as a place in `src` and what it may take beside itself. */
const mayImport: Record<string, readonly string[]> = {
  platform: ring0,
  config: ring0,
  database: ring0,
  workspaces: ring0,
  events: ring0,
  contacts: ring1,
  sources: ring1,
  webhooks: ring1,
  capture: [...ring1, 'contacts', 'sources'],
  delivery: [...ring1, 'webhooks'],
  server: ring1,
  rest: belowSurfaces,
  graphql: belowSurfaces,
  web: ['generated/graphql/graphql.ts'],
  client: [],
  cli: [...ring0, 'app', 'main.ts'],
  'main.ts': [...ring0, 'app', 'cli'],
  app: [...belowSurfaces, 'rest', 'graphql', 'web'],
}

const targets = [...Object.keys(mayImport), 'generated/prisma/client.ts']

/** The files that read the environment. */
const settingsFiles = ['src/config/config.ts', 'src/cli/cli-settings.ts']

const forms: Record<string, (path: string, nth: number) => string> = {
  value: (path, nth) => `import { it as it${nth} } from '${path}'`,
  type: (path, nth) => `import type { It as It${nth} } from '${path}'`,
  export: (path, nth) => `export { it as it${nth} } from '${path}'`,
  dynamic: (path, nth) => `export const it${nth} = await import('${path}')`,
}

interface Diagnostic {
  category: string
  location: { path: string; start: { line: number } }
}

let tree: string
let refused: Map<string, Set<string>>

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'rings-'))
  for (const file of ['biome.json', '.gitignore', 'package.json']) await cp(join(repository, file), join(tree, file))
  for (const place of Object.keys(mayImport)) for (const file of plantedFiles(place)) await plant(file)
  refused = await lintImports()
})

afterAll(() => rm(tree, { recursive: true, force: true }))

describe('an import against the rings is refused', () => {
  test.for(Object.keys(mayImport))('from %s', (place) => {
    const expected = new Set(targets.filter((target) => target !== place && !mayImport[place]!.includes(target)))
    for (const file of plantedFiles(place)) expect(refused.get(file), `refused in ${file}`).toEqual(expected)
  })

  test('and so is a cycle of types', async () => {
    await writeFile(join(tree, 'src/events/hen.ts'), "import type { Egg } from './egg.ts'\nexport type Hen = Egg[]\n")
    await writeFile(join(tree, 'src/events/egg.ts'), "import type { Hen } from './hen.ts'\nexport type Egg = Hen[]\n")
    const files = (await lint('suspicious/noImportCycles')).map(({ location }) => location.path)
    expect(files).toEqual(expect.arrayContaining(['src/events/egg.ts', 'src/events/hen.ts']))
  })
})

describe('the tree of src', () => {
  test('has no folder or top-level file without a ring', async () => {
    const entries = await readdir(join(repository, 'src'))
    const folders = entries.filter((entry) => !entry.endsWith('.ts') && entry !== 'generated')
    expect(folders.filter((folder) => !(folder in mayImport))).toEqual([])
    expect(entries.filter((entry) => entry.endsWith('.ts'))).toEqual(['main.ts'])
  })

  test('has no file over 300 lines, no index.ts, no process.env outside the settings and no import in a type', async () => {
    const found: string[] = []
    for await (const file of glob('src/**/*.ts', { cwd: repository, exclude: ['src/generated/**'] })) {
      const text = await readFile(join(repository, file), 'utf8')
      if (text.trimEnd().split('\n').length > 300) found.push(`${file}: over 300 lines`)
      if (basename(file) === 'index.ts') found.push(`${file}: index.ts`)
      if (/process\s*\.\s*env|\benv\b.*['"](node:)?process['"]/.test(text) && !settingsFiles.includes(file)) {
        found.push(`${file}: process.env`)
      }
      // The linter sees no `import('…')` in a type, so the rings would not hold there.
      if (/(?<!await\s+)\bimport\(\s*['"]\./.test(text)) found.push(`${file}: import('…') without await`)
    }
    expect(found).toEqual([])
  })
})

/** A file of the place, one in a folder of it, and each form of import apart. */
function plantedFiles(place: string): string[] {
  if (place.endsWith('.ts')) return [`src/${place}`]
  return Object.keys(forms).flatMap((form) => [`src/${place}/${form}.ts`, `src/${place}/deeper/${form}.ts`])
}

/** Line n imports target n, so that a diagnostic's line says what was refused. */
async function plant(file: string): Promise<void> {
  const write = forms[basename(file, '.ts')] ?? forms['value']!
  const lines = targets.map((target, nth) => write(pathFrom(file, target), nth))
  await mkdir(join(tree, dirname(file)), { recursive: true })
  await writeFile(join(tree, file), `${lines.join('\n')}\n`)
}

function pathFrom(file: string, target: string): string {
  const path = relative(dirname(file), join('src', target.endsWith('.ts') ? target : `${target}/noun.ts`))
  return path.startsWith('.') ? path : `./${path}`
}

async function lintImports(): Promise<Map<string, Set<string>>> {
  const refusedByFile = new Map<string, Set<string>>()
  for (const { location } of await lint('style/noRestrictedImports')) {
    const target = targets[location.start.line - 1]!
    refusedByFile.set(location.path, (refusedByFile.get(location.path) ?? new Set()).add(target))
  }
  return refusedByFile
}

async function lint(rule: string): Promise<Diagnostic[]> {
  const options = ['lint', `--only=${rule}`, '--reporter=json', '--max-diagnostics=none']
  const failed = await promisify(execFile)(biome, options, { cwd: tree, maxBuffer: 2 ** 26 }).then(
    () => ({ stdout: '{"diagnostics":[]}' }),
    (error: { stdout: string }) => error,
  )
  const { diagnostics } = JSON.parse(failed.stdout) as { diagnostics: Diagnostic[] }
  return diagnostics.filter(({ category }) => category === `lint/${rule}`)
}
