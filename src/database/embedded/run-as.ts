import { spawnSync } from 'node:child_process'
import { userInfo } from 'node:os'

/** Way to run a program of PostgreSQL, which refuses to run as root. */
export interface RunAs {
  /** Command and arguments in front of the program. */
  readonly prefix: readonly string[]
  /** User that owns the files, when it is not the user of this process. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
}

/** Id of the user `nobody`: the programs need a user that the machine knows. */
const nobody = 65_534

/**
 * Chooses how to run the programs. As root they run in a user namespace, in which root's own files belong to `nobody`:
 * so the files may stay in a folder that only root can enter. On a machine without namespaces, such as in many
 * containers, they run as the user `nobody`.
 */
export function chooseRunAs(): RunAs {
  if (userInfo().uid !== 0) return { prefix: [], owner: undefined }
  const namespace = ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`]
  const [command = '', ...parameters] = [...namespace, 'true']
  if (spawnSync(command, parameters).status === 0) return { prefix: namespace, owner: undefined }
  return { prefix: [], owner: { uid: nobody, gid: nobody } }
}
