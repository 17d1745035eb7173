import { existsSync, statfsSync } from 'node:fs'

const memory = '/dev/shm'
const neededBytes = 8 * 1024 ** 3

/**
 * Returns the folder for the files of a test run: one in memory where the machine has room for it, since a database is
 * copied there in 20 ms instead of 350; undefined for the folder of the system.
 */
export function folderInMemory(): string | undefined {
  if (!existsSync(memory)) return undefined
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize >= neededBytes ? memory : undefined
}
