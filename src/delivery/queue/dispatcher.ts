import { ulid } from 'ulid'
import type { Database } from '../../database/database.ts'
import { startPollLoop } from '../../events/poll-loop.ts'
import type { Signals } from '../../events/signals.ts'
import type { Log } from '../../platform/log.ts'
import { databaseShutdownTimeoutMs, settleAll, waitAtMost, withTimeout } from '../../platform/timeout.ts'
import type { SecretBox } from '../../webhooks/secret-box.ts'
import type { AttemptResult, Sender } from '../attempt/attempt.ts'
import { requestOf, unsentResult } from '../attempt/request.ts'
import { createPace } from '../plan/pace.ts'
import { createClaimWalk } from './claim-walk.ts'
import { createRoom } from './free-slots.ts'
import { judge } from './next-step.ts'
import {
  type Claim,
  type ClaimedDelivery,
  type ClaimRequest,
  claimDeliveries,
  returnLeases,
  returnLostLeases,
  type Verdict,
} from './queue.ts'
import { createSettler } from './settler.ts'

/** One claim holds up those of other workers: it stays short. */
const maxClaim = 50
const drainMs = 17_000

export interface Dispatcher {
  /**
   * Claims nothing more, lets the attempts under way end, gives back the leases of those that take too long.
   * @throws AppError `unavailable` when the database is away: the leases are left to run out, and the next start goes on
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
  /** How long an endpoint may do nothing but fail before it is disabled. */
  readonly disableAfterSeconds: number
  readonly random: () => number
  readonly log: Log
}

/** Claims what is due, attempts it outside any transaction, and settles what comes of it in batches. */
export function startDispatcher(parts: DispatcherParts): Dispatcher {
  const { database, signals, sender, secretBox, leaseMs, scheduleSeconds, random, log } = parts
  const abort = new AbortController()
  const giveUp = new AbortController()
  const attempts = new Set<Promise<AttemptResult>>()
  const interrupted: ClaimedDelivery[] = []
  const inFlight = new Map<Promise<void>, ClaimedDelivery>()
  const walk = createClaimWalk()
  const pace = createPace()
  const room = createRoom(() => loop.wake(), pace)
  const { allowanceOf } = room
  const claim = createClaim(database, { leaseMs, walk, allowanceOf }, () => [...inFlight.values()])
  const settler = createSettler({ ...parts, onMoreDue: () => loop.wake(), givenUp: giveUp.signal })

  const attempt = (delivery: ClaimedDelivery): Promise<AttemptResult> => {
    const made = attemptOrSay(delivery, { sender, secretBox, log, signal: abort.signal })
    attempts.add(made)
    return made.finally(() => attempts.delete(made))
  }

  const deliver = async (delivery: ClaimedDelivery): Promise<void> => {
    try {
      const result = await attempt(delivery)
      const { verdict, endpointGone } = judge(delivery, result, { scheduleSeconds, random, now: new Date() })
      const isOurs = await settler.add({ delivery, result, verdict, endpointGone })
      logAttempt(log, delivery, result, verdict, isOurs)
    } catch (error) {
      // The lease is given back, or left to run out: another claim will follow, here or elsewhere.
      if (abort.signal.aborted) interrupted.push(delivery)
      else log.error({ delivery_id: delivery.id, err: error }, 'delivery.attempt_failed')
    }
  }

  const loop = startPollLoop('dispatcher', log, async () => {
    const limit = Math.min(maxClaim, room.free)
    if (limit <= 0) {
      walk.pause()
      return false
    }
    const start = performance.now()
    const { deliveries, leavesSome } = await claim(limit)
    pace.claimed(performance.now() - start)
    for (const delivery of deliveries) {
      const leaveRoom = room.take(delivery.workspaceId)
      const delivering = deliver(delivery).finally(() => {
        inFlight.delete(delivering)
        leaveRoom()
      })
      inFlight.set(delivering, delivery)
    }
    return leavesSome
  })
  const stopWaking = signals.subscribe('deliveries', loop.wake)

  return {
    stop: async () => {
      stopWaking()
      const drainedAt = performance.now() + drainMs
      const claimed = withTimeout(loop.stop(), databaseShutdownTimeoutMs)
      await waitAtMost(claimed, drainMs)
      await waitAtMost(Promise.allSettled(attempts), drainedAt - performance.now())
      abort.abort()
      const settled = Promise.all(inFlight.keys()).then(() => returnLeases(database, interrupted))
      await settleAll([claimed, withTimeout(settled, databaseShutdownTimeoutMs)]).finally(() => giveUp.abort())
    },
  }
}

/** What cannot be sent is an attempt all the same: otherwise it would be claimed again at each lease, for ever. */
async function attemptOrSay(
  delivery: ClaimedDelivery,
  { sender, secretBox, log, signal }: Pick<DispatcherParts, 'sender' | 'secretBox' | 'log'> & { signal: AbortSignal },
): Promise<AttemptResult> {
  try {
    return await sender.attempt({ ...requestOf(delivery, secretBox), signal })
  } catch (error) {
    if (signal.aborted) throw error
    log.error({ delivery_id: delivery.id, endpoint_id: delivery.endpointId, err: error }, 'delivery.not_sent')
    return unsentResult(error)
  }
}

/** Claims as one worker. After a claim that failed it first gives back what that one may have taken all the same. */
function createClaim(
  database: Database,
  settings: Pick<ClaimRequest, 'leaseMs' | 'walk' | 'allowanceOf'>,
  inHand: () => readonly ClaimedDelivery[],
) {
  const owner = ulid()
  let mayHaveLost = false
  return async (limit: number): Promise<Claim> => {
    if (mayHaveLost) await database.inTransaction((tx) => returnLostLeases(tx, owner, inHand()))
    mayHaveLost = true
    const claimed = await database.inTransaction((tx) => claimDeliveries(tx, { limit, owner, ...settings }))
    mayHaveLost = false
    return claimed
  }
}

function logAttempt(
  log: Log,
  delivery: ClaimedDelivery,
  { outcome, durationMs }: AttemptResult,
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
    },
    'delivery.attempted',
  )
}
