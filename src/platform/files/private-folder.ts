import { chmodSync, type Dirent, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import type { Log } from '../log.ts'

/** Permissions of group and others. */
const othersMask = 0o077
const folderMode = 0o700
const fileMode = 0o600
/**
 * Names of the service's files in its data folder; `database` and `lock` are from 0.1. Other files may belong to
 * another program and are not changed.
 */
const ours =
  /^(?:postgresql(?:\.\w+-\d+)?|socket|database(?:\.imported)?|lock|lock-journal|server-url|(?:api-key|encryption-keys)(?:\.\d+)?)$/
/** PostgreSQL makes its own files private, and changes them while it runs. */
const keptPrivateByPostgresql = /^(?:postgresql|socket)/

/**
 * Creates the data folder when it is missing. Removes the permissions of group and others from the folder and the
 * service's files in it, also those that an earlier version created. Logs the changes and the failures. A folder that
 * also holds other files is not changed itself: it may be shared, such as /tmp.
 */
export function openPrivateFolder(folder: string, log?: Log): void {
  makeNewFilesPrivate()
  mkdirSync(folder, { recursive: true, mode: folderMode })
  const mode = statSync(folder).mode & 0o777
  const isOpen = (mode & othersMask) !== 0
  const isClosed = isOpen && readdirSync(folder).every((name) => ours.test(name)) && close(folder, folderMode)
  const { closed, left } = closeOurs(folder)
  const changes = { folder_mode: `0${mode.toString(8)}`, files_closed: closed, files_left: left }
  if ((isOpen && !isClosed) || left > 0) log?.warn(changes, 'data_folder.open_to_others')
  else if (isClosed || closed > 0) log?.info(changes, 'data_folder.closed_to_others')
}

/**
 * Closes the service's files in the folder. Returns the number of closed files and folders, and of those that it could
 * not close.
 */
function closeOurs(folder: string): { readonly closed: number; readonly left: number } {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => ours.test(name))
  const count = { closed: 0, left: 0 }
  for (const entry of entries) closeTree(entry, count)
  return count
}

function closeTree(entry: Dirent, count: { closed: number; left: number }): void {
  // The target of a symbolic link may belong to another program.
  if (entry.isSymbolicLink()) return
  const path = join(entry.parentPath, entry.name)
  const isFolder = entry.isDirectory()
  if ((lstatSync(path).mode & othersMask) !== 0) {
    if (close(path, isFolder ? folderMode : fileMode)) count.closed += 1
    else count.left += 1
  }
  if (isFolder && !keptPrivateByPostgresql.test(entry.name))
    for (const inner of readdirSync(path, { withFileTypes: true })) closeTree(inner, count)
}

/** Returns whether it succeeded; it fails when another user owns the file. */
function close(path: string, mode: number): boolean {
  try {
    chmodSync(path, mode)
    return true
  } catch {
    return false
  }
}

/**
 * Sets the umask of the whole process, since the database creates files all the time. Only the main thread can set it.
 */
function makeNewFilesPrivate(): void {
  if (isMainThread) process.umask(othersMask)
}
