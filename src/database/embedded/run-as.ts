import { spawnSync } from 'node:child_process'
import { userInfo } from 'node:os'

/** How to run a program of PostgreSQL, which refuses to run as root. */
export interface RunAs {
  /** Command and arguments that go before the program and its own. */
  readonly prefix: readonly string[]
  /** The user that owns the files, where it is not the user of this process. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
}

/** The id of the user `nobody`: the programs need one that the machine knows. */
const nobody = 65_534

/**
 * Chooses how to run the programs. As root they run in a user namespace, in which root's own files belong to `nobody`:
 * so they may stay in a folder that root alone may enter. Where the machine allows no namespaces, as in many containers,
 * they run as the user `nobody`.
 */
export function chooseRunAs(): RunAs {
  if (userInfo().uid !== 0) return { prefix: [], owner: undefined }
  const namespace = ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`]
  const [command = '', ...parameters] = [...namespace, 'true']
  if (spawnSync(command, parameters).status === 0) return { prefix: namespace, owner: undefined }
  return { prefix: [], owner: { uid: nobody, gid: nobody } }
}
