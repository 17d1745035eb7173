import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const fileName = 'server-url'
const othersMask = 0o077

/**
 * Writes the address of a server beside the key that it has kept in its data folder, so that the commands of this folder
 * find it. Without a key it writes nothing: the address is of no use then.
 */
export function writeAddressFile(folder: string, url: string): void {
  if (!existsSync(join(folder, 'api-key'))) return
  try {
    rmSync(join(folder, fileName), { force: true }) // A file of another user would keep its owner, and a link its target.
    writeFileSync(join(folder, fileName), `${url}\n`, { mode: 0o600, flag: 'wx' })
  } catch {
    // The folder may be read-only, or another server of it starts at this moment: a server serves without this file.
  }
}

/** Deletes the address of a server that stops, unless another server of the folder has replaced it. */
export function deleteAddressFile(folder: string, url: string): void {
  if (readAddressFile(folder) === url) rmSync(join(folder, fileName), { force: true })
}

/** Returns the address; undefined if there is none, or if anyone but this user could have written it. */
export function readAddressFile(folder: string): string | undefined {
  try {
    const file = openSync(join(folder, fileName), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      return isPrivate(file) ? readFileSync(file, 'utf8').trim() || undefined : undefined
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined // Without a readable file the default address is used.
  }
}

function isPrivate(file: number): boolean {
  const stat = fstatSync(file)
  return stat.isFile() && stat.uid === process.getuid?.() && (stat.mode & othersMask) === 0
}
