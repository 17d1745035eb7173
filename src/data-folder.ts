import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Keeps a secret in the data folder, readable by its owner alone. */
export function keepInFolder(folder: string, file: string, content: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, file), `${content}\n`, { mode: 0o600 })
}

/** What is kept under that name; of processes that start together one makes it, and all read the same. */
export function readOrMake(folder: string, file: string, make: () => string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, file)
  try {
    writeFileSync(path, `${make()}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(path, 'utf8').trim()
}
