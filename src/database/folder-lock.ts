import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another process has the data folder. */
export class FolderLockedError extends Error {
  constructor(folder: string, cause: unknown) {
    super(
      `The data folder ${folder} is in use by another process. The embedded database takes one process only: ` +
        'stop the other one, set REX_DATA_DIR to another folder, or set DATABASE_URL to a PostgreSQL server.',
      { cause },
    )
    this.name = 'FolderLockedError'
  }
}

/**
 * Locks the folder for this process by holding SQLite's exclusive lock on the file `lock` in it. The operating system
 * lets go of that lock when the process dies in whatever way, so no stale lock can be left (a file with a process id
 * can: the id is taken again, in a container always by the same process).
 */
export function lockFolder(folder: string): { release(): void } {
  const file = new DatabaseSync(join(folder, 'lock'))
  try {
    file.exec('begin exclusive')
  } catch (error) {
    file.close()
    throw new FolderLockedError(folder, error)
  }
  return { release: () => file.close() }
}
