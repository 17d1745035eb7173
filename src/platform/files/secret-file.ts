import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Keeps a secret in the data folder, readable by its owner alone. */
export function writeSecretFile(folder: string, file: string, content: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, file), `${content}\n`, { mode: 0o600 })
  chmodSync(join(folder, file), 0o600) // One that was there keeps its mode.
}

/** What is kept under that name; of processes that start together one makes it, and all read the same. */
export function readOrCreateSecret(folder: string, file: string, make: () => string): string {
  const path = join(folder, file)
  if (!existsSync(path)) {
    const draft = `${file}.${process.pid}`
    writeSecretFile(folder, draft, make())
    linkUnlessThere(join(folder, draft), path)
    unlinkSync(join(folder, draft))
  }
  return readFileSync(path, 'utf8').trim()
}

/** The name appears with the whole content, so that nobody reads half of it. */
function linkUnlessThere(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
