import { ulid } from 'ulid'
import type { Database } from '../../database/database.ts'
import { type PollLoop, startPollLoop } from '../../events/poll-loop.ts'
import type { Signals } from '../../events/signals.ts'
import type { SecretBox } from '../../platform/crypto/secret-box.ts'
import type { Log } from '../../platform/log.ts'
import { databaseShutdownTimeoutMs, settleAll, waitAtMost, withTimeout } from '../../platform/timeout.ts'
import type { AttemptResult, Sender } from '../attempt/attempt.ts'
import type { Backlogs } from '../plan/backlogs.ts'
import { createPace } from '../plan/workspace-limits.ts'
import type { AttemptRecorder } from './attempt-recorder.ts'
import { createCapacity } from './capacity.ts'
import { type ClaimWalk, createClaimWalk } from './claim-walk.ts'
import { decideNextStep } from './next-step.ts'
import {
  type Claim,
  type ClaimedDelivery,
  type ClaimRequest,
  claimDeliveries,
  returnLeases,
  returnLostLeases,
  type Verdict,
} from './queue.ts'
import { createRunningAttempts } from './running-attempts.ts'
import { createSettler } from './settler.ts'
import { createTurns, type Planned, planAttempts } from './turn.ts'

/** Deliveries per claim. A claim blocks those of other workers, so it stays short. */
const maxClaim = 50

export interface Dispatcher {
  /** Name of its loop while the last poll failed. */
  readonly failing: string | undefined
  /**
   * Stops claiming, waits for running attempts, and returns the leases of those that take too long.
   * @throws AppError `unavailable` if the database is down: the leases expire, and the next start continues
   */
  stop(): Promise<void>
}

export interface DispatcherParts {
  readonly database: Database
  readonly signals: Signals
  readonly sender: Sender
  readonly secretBox: SecretBox
  readonly leaseMs: number
  readonly scheduleSeconds: readonly number[]
  /** Time of failures without a success after which an endpoint is disabled. */
  readonly disableAfterSeconds: number
  readonly random: () => number
  readonly log: Log
  readonly recorder?: AttemptRecorder | undefined
}

/** Claims due deliveries, attempts them outside any transaction, and settles the results in batches. */
export function startDispatcher(parts: DispatcherParts, backlogs: Backlogs): Dispatcher {
  const { database, signals, leaseMs, scheduleSeconds, random, log, recorder } = parts
  const stopRetrying = new AbortController()
  const attempts = createRunningAttempts(parts)
  const turns = createTurns()
  const interrupted: ClaimedDelivery[] = []
  const inFlight = new Map<Promise<void>, ClaimedDelivery>()
  const walk = createClaimWalk()
  const pace = createPace()
  const capacity = createCapacity(() => loop.wake(), pace, backlogs)
  const { allowanceOf } = capacity
  const claim = createClaim(database, { leaseMs, walk, allowanceOf }, () => [...inFlight.values()])
  const settler = createSettler({ ...parts, onMoreDue: () => loop.wake(), stopRetrying: stopRetrying.signal })

  const deliver = async (planned: Planned<ClaimedDelivery>): Promise<void> => {
    const { delivery } = planned
    try {
      const result = await turns.attempt(planned, attempts.make)
      if (result === undefined) return void interrupted.push(delivery)
      const { verdict, endpointGone } = decideNextStep(delivery, result, { scheduleSeconds, random, now: new Date() })
      const isOurs = await settler.add({ delivery, result, verdict, endpointGone })
      recorder?.recordAttempt(delivery, result)
      logAttempt(log, delivery, result, verdict, isOurs)
    } catch (error) {
      // The lease is returned or expires, and this or another worker claims the delivery again.
      if (attempts.areAborted) interrupted.push(delivery)
      else log.error({ delivery_id: delivery.id, err: error }, 'delivery.attempt_failed')
    }
  }

  const begin = (planned: Planned<ClaimedDelivery>): void => {
    const release = capacity.acquire(planned.delivery.workspaceId)
    const delivering = deliver(planned).finally(() => {
      inFlight.delete(delivering)
      release()
    })
    inFlight.set(delivering, planned.delivery)
  }

  const loop = startPollLoop('dispatcher', log, async () => {
    const limit = Math.min(maxClaim, capacity.free)
    if (limit <= 0) {
      walk.restartRound()
      return false
    }
    const { deliveries, leavesSome, ms } = await timed(() => claim(limit))
    pace.recordClaim(ms)
    const rests = backlogs.recordClaim(countByWorkspace(deliveries), ms)
    wakeLater(rests, walk, loop)
    for (const planned of planAttempts(deliveries, rests, leaseMs - ms)) begin(planned)
    return leavesSome
  })
  const stopWaking = signals.subscribe('deliveries', loop.wake)

  return {
    get failing() {
      return loop.failing
    },
    stop: async () => {
      stopWaking()
      const lastPoll = withTimeout(loop.stop(), databaseShutdownTimeoutMs)
      turns.end()
      const returnInterrupted = () => returnLeases(database, interrupted)
      // Deliveries that have not begun are returned first, so that other workers need not wait for a receiver that hangs.
      const returned = waitAtMost(lastPoll.then(returnInterrupted), databaseShutdownTimeoutMs)
      await attempts.drain(lastPoll)
      const settled = Promise.all([returned, ...inFlight.keys()]).then(returnInterrupted)
      await settleAll([lastPoll, withTimeout(settled, databaseShutdownTimeoutMs)]).finally(() => stopRetrying.abort())
    },
  }
}

async function timed(claim: () => Promise<Claim>): Promise<Claim & { readonly ms: number }> {
  const start = performance.now()
  const claimed = await claim()
  return { ...claimed, ms: performance.now() - start }
}

/** Starts a new round of claims when the workspaces have rested. */
function wakeLater(rests: ReadonlyMap<string, number>, walk: ClaimWalk, loop: PollLoop): void {
  if (rests.size === 0) return
  const wake = () => {
    walk.restartRound()
    loop.wake()
  }
  setTimeout(wake, Math.max(...rests.values())).unref()
}

function countByWorkspace(deliveries: readonly ClaimedDelivery[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { workspaceId } of deliveries) counts.set(workspaceId, (counts.get(workspaceId) ?? 0) + 1)
  return counts
}

/** Claims as one worker. After a failed claim, first returns the leases that the claim may have committed. */
function createClaim(
  database: Database,
  settings: Pick<ClaimRequest, 'leaseMs' | 'walk' | 'allowanceOf'>,
  known: () => readonly ClaimedDelivery[],
) {
  const owner = ulid()
  let mayHaveLost = false
  return async (limit: number): Promise<Claim> => {
    if (mayHaveLost) await database.inTransaction((tx) => returnLostLeases(tx, owner, known()))
    mayHaveLost = true
    const claimed = await database.inTransaction((tx) => claimDeliveries(tx, { limit, owner, ...settings }))
    mayHaveLost = false
    return claimed
  }
}

function logAttempt(
  log: Log,
  delivery: ClaimedDelivery,
  { outcome, durationMs, traceId }: AttemptResult,
  verdict: Verdict,
  isOurs: boolean,
): void {
  log.info(
    {
      workspace_id: delivery.workspaceId,
      event_id: delivery.eventId,
      delivery_id: delivery.id,
      endpoint_id: delivery.endpointId,
      attempt: delivery.attemptCount + 1,
      outcome: outcome.kind,
      ...('status' in outcome && { status: outcome.status }),
      ...('error' in outcome && { error: outcome.error }),
      ...('detail' in outcome && { detail: outcome.detail }),
      duration_ms: durationMs,
      ...(verdict.status === 'RETRYING' && { retry_in_ms: Math.round(verdict.delaySeconds * 1000) }),
      ...(!isOurs && { lease_lost: true }),
      ...(traceId !== undefined && { trace_id: traceId }),
    },
    'delivery.attempted',
  )
}
