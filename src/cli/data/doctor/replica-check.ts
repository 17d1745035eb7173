import type { Config } from '../../../config/config.ts'
import { createProbe } from '../../../database/replica/probe.ts'
import {
  type PrimaryState,
  type ReplicaState,
  selectPrimaryState,
  selectReplicaState,
} from '../../../database/replica/server-states.ts'
import { type Check, fail, ok, warn } from './check.ts'

const name = 'replica'
const answersWithinMs = 3000
const megabyte = 1_000_000
/** More than a replica usually lacks at one moment. */
const farBehindBytes = 100 * megabyte

/** Checks the replica, if the settings name one. */
export async function checkReplica({ databaseUrl, databaseDirectUrl, databaseReplicaUrl }: Config): Promise<Check[]> {
  if (databaseUrl === undefined || databaseReplicaUrl === undefined) return []
  const primary = createProbe<PrimaryState>(databaseDirectUrl ?? databaseUrl, selectPrimaryState, answersWithinMs)
  const replica = createProbe<ReplicaState>(databaseReplicaUrl, selectReplicaState, answersWithinMs)
  try {
    const main = await primary.ask().catch(() => undefined)
    return [judge(main, await replica.ask().catch(() => undefined))]
  } finally {
    primary.close()
    replica.close()
  }
}

function judge(primary: PrimaryState | undefined, replica: ReplicaState | undefined): Check {
  if (replica === undefined)
    return warn(name, 'does not respond', 'Check DATABASE_REPLICA_URL. Meanwhile everything is read from the primary.')
  if (!replica.is_standby)
    return fail(name, 'is no replica, but a server that takes writes', 'Name a streaming replica, or leave it out.')
  // The check of the database says that the primary is away.
  if (primary === undefined) return ok(name, 'responds')
  if (replica.system_id !== primary.system_id)
    return fail(name, 'is a replica of another server', 'Name a streaming replica of the server of DATABASE_URL.')
  const behind = Math.max(0, Number(primary.position) - Number(replica.position))
  const detail = `responds, ${(behind / megabyte).toFixed(1)} MB of the log behind`
  if (behind < farBehindBytes) return ok(name, detail)
  return warn(name, detail, 'Look at its replay: above REX_REPLICA_MAX_LAG_MS it is not read.')
}
