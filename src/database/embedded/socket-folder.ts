import { createHash } from 'node:crypto'
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { EmbeddedServerError } from './embedded-server-error.ts'
import type { RunAs } from './run-as.ts'

/** Maximum length of a socket's path: 107 bytes on Linux, 103 on macOS. */
const maxSocketPathBytes = 103

/**
 * Creates the folder of the server's socket, accessible only to this user: in the data folder or, when that path is too
 * long for a socket, in the folder for temporary files.
 * @throws EmbeddedServerError when another user has created the latter
 */
export function makeSocketFolder(dataFolder: string, port: number, owner: RunAs['owner']): string {
  const inside = join(dataFolder, 'socket')
  const folder = isShortEnough(inside, port) ? inside : temporaryFolder(dataFolder)
  if (!isShortEnough(folder, port))
    throw new EmbeddedServerError(`the path of its socket is too long (${folder}): set REX_DATA_DIR to a shorter path`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || (found.uid !== userInfo().uid && found.uid !== owner?.uid))
    throw new EmbeddedServerError(`its socket folder ${folder} belongs to another user`)
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  chmodSync(folder, 0o700)
  return folder
}

function isShortEnough(folder: string, port: number): boolean {
  return Buffer.byteLength(join(folder, `.s.PGSQL.${port}`)) <= maxSocketPathBytes
}

function temporaryFolder(dataFolder: string): string {
  const name = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16)
  return join(tmpdir(), `rex-${name}`)
}
