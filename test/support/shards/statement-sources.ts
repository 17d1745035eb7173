import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Statement } from '../../../src/database/database.ts'

const repository = join(import.meta.dirname, '../../..')

/** A call that defines a statement, directly or through a function with a name as its first argument. */
export const definitionOf = /\b(?:statement|unpreparedStatement|lockStatement|workspaceLockStatement|preparedText)\(/

/** The names of statements that the sources spell out, and the files that compose a name, with how often. */
export function readSources(): { readonly named: Set<string>; readonly composing: Record<string, number> } {
  const named = new Set<string>()
  const composing: Record<string, number> = {}
  for (const file of globSync('src/**/*.ts', { cwd: repository, exclude: ['src/generated/**'] })) {
    const source = readFileSync(join(repository, file), 'utf8')
    for (const [, name] of source.matchAll(/(?<!function |`)\b(?:statement|unpreparedStatement)\(\s*('[^']*'|[^'\s])/g))
      if (name?.startsWith("'")) named.add(name.slice(1, -1))
      else composing[file] = (composing[file] ?? 0) + 1
  }
  return { named, composing }
}

/** The calls of Prisma in the sources that name no workspace, as `file: call`. */
export function prismaCallsWithoutWorkspace(): string[] {
  return globSync('src/**/*.ts', { cwd: repository, exclude: ['src/generated/**'] }).flatMap((file) => {
    const source = readFileSync(join(repository, file), 'utf8')
    const where = /const where\b[^\n]*(?:inWorkspace|workspaceId)/.test(source)
    return [...source.matchAll(/prisma\.(\w+\.(?:find|count|aggregate|groupBy|create|update|upsert|delete)\w*)\(/g)]
      .filter(({ index }) => !namesWorkspace(argumentsAt(source, index), where))
      .map(([, call]) => `${file}: ${call}`)
  })
}

function namesWorkspace(given: string, hasWhere: boolean): boolean {
  return /inWorkspace\(|workspaceId/.test(given) || (hasWhere && /\bwhere\b(?!:)/.test(given))
}

/** Returns the text from the first parenthesis after a place to the one that closes it. */
function argumentsAt(source: string, place: number): string {
  const start = source.indexOf('(', place)
  let depth = 0
  for (let end = start; end < source.length; end++) {
    if (source[end] === '(') depth++
    if (source[end] === ')' && --depth === 0) return source.slice(start, end + 1)
  }
  return source.slice(start)
}

/** Returns the statements of the service, by name. */
export async function readStatements(): Promise<Map<string, string>> {
  return new Map((await readDefined()).map(([name, { text }]) => [name, text]))
}

/** Returns those that are prepared, and so have one plan for any values. */
export async function readPreparedStatements(): Promise<Statement[]> {
  return (await readDefined()).map(([, definition]) => definition).filter(({ isUnprepared }) => !isUnprepared)
}

async function readDefined(): Promise<[string, Statement][]> {
  const script = join(import.meta.dirname, 'print-statements.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    maxBuffer: 16 * 1024 * 1024,
  })
  return JSON.parse(stdout)
}
