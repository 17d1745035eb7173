import type { Log } from '../../platform/log.ts'
import type { ReplicaCheck, ReplicaProblem } from './replica-check.ts'

/** State of the replica as this process sees it. */
export interface ReplicaStatus {
  readonly isInUse: boolean
  /** Undefined while it is not known. */
  readonly lagMs: number | undefined
  /** Undefined while it is in use, and while it proves itself after a problem. */
  readonly problem: ReplicaProblem | undefined
}

/** Decides whether reads go to the replica. */
export interface ReplicaWatch {
  readonly status: ReplicaStatus
  /** Returns the result of work on the replica. Rejects within about a second after the replica falls silent. */
  whileResponding<Result>(work: Promise<Result>): Promise<Result>
  stop(): void
}

interface Watched {
  readonly check: ReplicaCheck
  readonly log: Log
  /** Time between two checks. */
  readonly everyMs: number
  /** Time without a problem after which a replica is used again. */
  readonly backAfterMs: number
  /** Called when the replica does not answer, so that no statement uses its old connections. */
  readonly onAway: () => void
}

interface Waiting {
  reject(error: Error): void
}

/** Checks the replica until it is stopped. Logs each change. */
export function startReplicaWatch({ check, log, everyMs, backAfterMs, onAway }: Watched): ReplicaWatch {
  const waiting = new Set<Waiting>()
  let status: ReplicaStatus = { isInUse: false, lagMs: undefined, problem: undefined }
  let reported: 'in use' | ReplicaProblem | undefined
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const trust = createTrust(backAfterMs)

  const look = async () => {
    const problem = await check.findProblem()
    if (isStopped) return
    const now = Date.now()
    const { coveredUntil } = check
    const isInUse = problem === undefined ? coveredUntil !== undefined && trust.grow(now) : trust.lose()
    change({ isInUse, lagMs: coveredUntil === undefined ? undefined : now - coveredUntil, problem })
    timer = setTimeout(() => void look(), everyMs).unref()
  }
  /** Logs a change. A replica that has the same problem again before it is used has not changed. */
  const report = ({ isInUse, lagMs, problem }: ReplicaStatus) => {
    const state = isInUse ? 'in use' : (problem ?? reported)
    if (state === reported) return
    reported = state
    if (isInUse) log.info({ lag_ms: lagMs }, 'replica.in_use')
    else log.warn({ lag_ms: lagMs, problem }, 'replica.not_in_use')
  }
  const change = (next: ReplicaStatus) => {
    const before = status
    status = next
    report(next)
    if (next.problem !== 'away' || before.problem === 'away') return
    for (const each of waiting) each.reject(new Error('The replica does not respond.'))
    onAway()
  }
  void look()

  return {
    get status() {
      return status
    },
    whileResponding: (work) =>
      new Promise((resolve, reject) => {
        const each = { reject }
        waiting.add(each)
        work.then(resolve, reject).finally(() => waiting.delete(each))
      }),
    stop: () => {
      isStopped = true
      clearTimeout(timer)
      check.close()
    },
  }
}

/** Trusts a replica from its first good check, and after a problem only when the checks were good for some time. */
function createTrust(backAfterMs: number) {
  let goodSince: number | undefined
  let hadProblem = false
  return {
    /** Returns whether it is trusted after a good check. */
    grow: (now: number): boolean => {
      goodSince ??= now
      if (hadProblem && now - goodSince < backAfterMs) return false
      hadProblem = false
      return true
    },
    lose: (): false => {
      goodSince = undefined
      hadProblem = true
      return false
    },
  }
}
