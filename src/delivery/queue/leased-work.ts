import type { Database } from '../../database/database.ts'
import type { Signals } from '../../events/signals.ts'
import type { SecretBox } from '../../platform/crypto/secret-box.ts'
import type { Log } from '../../platform/log.ts'
import { databaseShutdownTimeoutMs, settleAll, waitAtMost, withTimeout } from '../../platform/timeout.ts'
import type { AttemptResult, Sender } from '../attempt/attempt.ts'
import type { AttemptRecorder } from './attempt-recorder.ts'
import type { DueStarts } from './due-starts.ts'
import type { LeasedDelivery } from './leased-delivery.ts'
import { decideNextStep } from './next-step.ts'
import { returnLeases, type Verdict } from './queue.ts'
import { createRunningAttempts } from './running-attempts.ts'
import { createSettler, type SettlerParts } from './settler.ts'
import type { Capacity } from './slots/capacity.ts'
import { createTurns, type Planned } from './turn.ts'

export interface DeliveryParts {
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

/** The deliveries that a worker has leased: it attempts them and settles the results. */
export interface LeasedWork {
  start(planned: readonly Planned<LeasedDelivery>[]): void
  /** Returns those that are neither settled nor returned. */
  readonly deliveries: () => readonly LeasedDelivery[]
  /**
   * Waits for running attempts, and returns the leases of those that take too long or have not begun.
   * @param lastPoll resolves when the last deliveries were started
   */
  stop(lastPoll: Promise<unknown>): Promise<void>
}

/** @param callbacks called after a commit: when more can be claimed immediately, and with the time until a retry is due */
export function createLeasedWork(
  parts: DeliveryParts,
  capacity: Pick<Capacity, 'acquire'>,
  starts: DueStarts,
  callbacks: Pick<SettlerParts, 'onMoreDue' | 'onRetryIn'>,
): LeasedWork {
  const { database, scheduleSeconds, random, log, recorder } = parts
  const stopRetrying = new AbortController()
  const attempts = createRunningAttempts(parts)
  const turns = createTurns()
  const interrupted: LeasedDelivery[] = []
  const inFlight = new Map<Promise<void>, LeasedDelivery>()
  const settler = createSettler({ ...parts, ...callbacks, starts, stopRetrying: stopRetrying.signal })

  const deliver = async (planned: Planned<LeasedDelivery>): Promise<void> => {
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

  const begin = (planned: Planned<LeasedDelivery>): void => {
    const release = capacity.acquire(planned.delivery.workspaceId)
    const delivering = deliver(planned).finally(() => {
      inFlight.delete(delivering)
      release()
    })
    inFlight.set(delivering, planned.delivery)
  }

  return {
    start: (planned) => planned.forEach(begin),
    deliveries: () => [...inFlight.values()],
    stop: async (lastPoll) => {
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

function logAttempt(
  log: Log,
  delivery: LeasedDelivery,
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
