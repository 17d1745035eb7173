import { waitAtMost } from '../../platform/timeout.ts'
import type { Probe } from './probe.ts'
import { createReplicaLag } from './replica-lag.ts'
import type { PrimaryState, ReplicaState } from './server-states.ts'

/** Reason for which reads go to the primary. */
export type ReplicaProblem = 'away' | 'behind' | 'not_a_replica' | 'another_database'

/** Compares the replica with the primary. */
export interface ReplicaCheck {
  /** Asks both servers. */
  findProblem(): Promise<ReplicaProblem | undefined>
  /** Time up to which the replica has every commit; undefined while none is known. */
  readonly coveredUntil: number | undefined
  close(): void
}

interface Compared {
  readonly primary: Probe<PrimaryState>
  readonly replica: Probe<ReplicaState>
  readonly maxLagMs: number
  /** Time for which the question to the replica waits for the answer of the primary. */
  readonly primaryFirstMs: number
}

export function createReplicaCheck({ primary, replica, maxLagMs, primaryFirstMs }: Compared): ReplicaCheck {
  const lag = createReplicaLag()
  const startedAt = Date.now()
  let asking: Promise<void> | undefined
  let systemId: string | undefined

  const askPrimary = async () => {
    const at = Date.now()
    const { position, system_id } = await primary.ask()
    systemId = system_id
    lag.sawPrimary(Number(position), at)
  }
  return {
    findProblem: async () => {
      // A slow primary delays nothing: its answer counts whenever it comes.
      asking ??= askPrimary().finally(() => {
        asking = undefined
      })
      await waitAtMost(asking, primaryFirstMs)
      const state = await replica.ask().catch(() => undefined)
      if (state === undefined) return 'away'
      if (!state.is_standby) return 'not_a_replica'
      if (systemId !== undefined && state.system_id !== systemId) return 'another_database'
      lag.sawReplica(Number(state.position))
      return Date.now() - (lag.coveredUntil ?? startedAt) > maxLagMs ? 'behind' : undefined
    },
    get coveredUntil() {
      return lag.coveredUntil
    },
    close: () => {
      primary.close()
      replica.close()
    },
  }
}
