import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes a secret to the data folder, readable only by its owner. */
export function writeSecretFile(folder: string, file: string, content: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, file), `${content}\n`, { mode: 0o600 })
  chmodSync(join(folder, file), 0o600) // An existing file keeps its mode otherwise.
}

/**
 * Returns the secret of this name and creates it when missing; of processes that start together one creates it, and all
 * read the same.
 */
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

/** Links the complete file to its name, so that no process reads a part of it. */
function linkUnlessThere(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
