import type { CommandContext } from '../../frame/command-context.ts'
import type { Output } from '../../output/output.ts'
import type { Digest, OnBytes } from './data-set.ts'

const repaintMs = 200
const clearLine = '\r\u001B[K'

/** Line of a terminal that shows how much is copied; nothing is printed without one. */
export interface CopyProgress {
  readonly onBytes: OnBytes
  clear(): void
}

export function createCopyProgress({ stderr }: CommandContext, { mode }: Output): CopyProgress {
  const isShown = stderr.isTTY === true && mode === 'text'
  let total = 0
  let paintedAt = 0
  return {
    onBytes: (table, bytes) => {
      total += bytes
      if (!isShown || Date.now() - paintedAt < repaintMs) return
      paintedAt = Date.now()
      stderr.write(`${clearLine}${sizeOf(total)} copied (${table})`)
    },
    clear: () => {
      if (isShown) stderr.write(clearLine)
    },
  }
}

/** Returns a number of bytes for people, such as `12.3 MB`. */
export function sizeOf(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** Describes copied tables for people. */
export function describeTables(tables: ReadonlyMap<string, Digest>): string {
  const rows = [...tables.values()].reduce((sum, table) => sum + table.rows, 0)
  const count = (name: string) => (tables.get(name)?.rows ?? 0).toLocaleString('en-US')
  return `${count('contact')} contacts, ${count('submission')} submissions, ${count('event')} events, ${rows.toLocaleString('en-US')} rows in all`
}

/** Returns the rows and checksums by table, for `--json`. */
export function tablesAsJson(tables: ReadonlyMap<string, Digest>): Record<string, Digest> {
  return Object.fromEntries(tables)
}
