import { createHash } from 'node:crypto'
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { EmbeddedServerError } from './embedded-server-error.ts'
import type { RunAs } from './run-as.ts'

/** Linux takes 107 bytes of a socket's path, macOS 103. */
const maxSocketPathBytes = 103

/**
 * Makes the folder of the server's socket, open to this user alone: in the data folder or, where the path would be too
 * long for a socket, in the folder for temporary files.
 * @throws EmbeddedServerError where another user has made the latter
 */
export function makeSocketFolder(dataFolder: string, port: number, owner: RunAs['owner']): string {
  const inside = join(dataFolder, 'socket')
  const folder = isShortEnough(inside, port) ? inside : temporaryFolder(dataFolder)
  if (!isShortEnough(folder, port))
    throw new EmbeddedServerError(`the path of its socket is too long (${folder}): set REX_DATA_DIR to a shorter path`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || (found.uid !== userInfo().uid && found.uid !== owner?.uid))
    throw new EmbeddedServerError(`${folder}, which is for its socket, belongs to another user`)
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
