import { chmodSync, type Dirent, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import type { Log } from '../log.ts'

/** The rights of group and others. */
const othersMask = 0o077
const folderMode = 0o700
const fileMode = 0o600
/**
 * Names of what the service keeps in its data folder; `database` and `lock` are from 0.1. Other files may be another
 * program's, and are left as they are.
 */
const ours =
  /^(?:postgresql(?:\.\w+-\d+)?|socket|database(?:\.imported)?|lock|lock-journal|(?:api-key|encryption-keys)(?:\.\d+)?)$/
/** PostgreSQL makes its own files private, and changes them while it runs. */
const keptPrivateByPostgresql = /^(?:postgresql|socket)/

/**
 * Makes the data folder where it is missing, and closes it and what the service keeps in it to group and others, also
 * what an earlier version left open. What was done and what could not be done is logged. A folder that holds files of
 * others too is not changed itself: it may be a shared one, such as /tmp.
 */
export function openPrivateFolder(folder: string, log?: Log): void {
  makeNewFilesPrivate()
  mkdirSync(folder, { recursive: true, mode: folderMode })
  const mode = statSync(folder).mode & 0o777
  const isOpen = (mode & othersMask) !== 0
  const isClosed = isOpen && readdirSync(folder).every((name) => ours.test(name)) && close(folder, folderMode)
  const { closed, left } = closeOurs(folder)
  const told = { folder_mode: `0${mode.toString(8)}`, files_closed: closed, files_left: left }
  if ((isOpen && !isClosed) || left > 0) log?.warn(told, 'data_folder.open_to_others')
  else if (isClosed || closed > 0) log?.info(told, 'data_folder.closed_to_others')
}

/** Closes what the service keeps in the folder. Returns how many files and folders it closed, and how many it could not. */
function closeOurs(folder: string): { readonly closed: number; readonly left: number } {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => ours.test(name))
  const count = { closed: 0, left: 0 }
  for (const entry of entries) closeTree(entry, count)
  return count
}

function closeTree(entry: Dirent, count: { closed: number; left: number }): void {
  // The target of a symbolic link may be anybody's.
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

/** Returns whether it could be done: not where another user owns the file. */
function close(path: string, mode: number): boolean {
  try {
    chmodSync(path, mode)
    return true
  } catch {
    return false
  }
}

/** For the whole process, since the database makes files all the time. A worker thread has to leave it to the main one. */
function makeNewFilesPrivate(): void {
  if (isMainThread) process.umask(othersMask)
}
