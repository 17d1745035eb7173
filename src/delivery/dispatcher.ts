import { ulid } from 'ulid'
import type { Database } from '../database/database.ts'
import { allEnd, endsWithin, patienceMs, withinDeadline } from '../deadline.ts'
import { startReadingLoop } from '../events/reading-loop.ts'
import type { Wake } from '../events/wake.ts'
import type { Log } from '../log.ts'
import type { SecretBox } from '../webhooks/secret-box.ts'
import type { AttemptResult, Sender } from './attempt.ts'
import { createPlaces } from './places.ts'
import {
  type Claim,
  type ClaimedDelivery,
  claimDeliveries,
  leadsWithPrevious,
  returnLeases,
  returnLostLeases,
  type Verdict,
} from './queue.ts'
import { createSettler } from './settler.ts'
import { type SigningSecrets, signatureHeaders } from './signature.ts'
import { judge } from './verdict.ts'

/** One claim holds up those of other workers: it stays short. */
const maxClaim = 50
const placeCount = 400
/** How long an attempt keeps its place: most receivers have answered by then. */
const placeMs = 250
/** What waits for receivers, all of it in memory. */
const maxInFlight = 4000
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
  readonly wake: Wake
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
  const { database, wake, sender, secretBox, leaseMs, scheduleSeconds, random, log } = parts
  const abort = new AbortController()
  const giveUp = new AbortController()
  const attempts = new Set<Promise<AttemptResult>>()
  const interrupted: ClaimedDelivery[] = []
  const inFlight = new Map<Promise<void>, ClaimedDelivery>()
  const claim = createClaim(database, leaseMs, () => [...inFlight.values()])
  const places = createPlaces({ count: placeCount, keptMs: placeMs, onFree: () => loop.wake() })
  const settler = createSettler({ ...parts, onMoreDue: () => loop.wake(), givenUp: giveUp.signal })

  const attempt = (delivery: ClaimedDelivery): Promise<AttemptResult> => {
    const made = sender.attempt({ ...requestOf(delivery, secretBox), signal: abort.signal })
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

  const loop = startReadingLoop('dispatcher', log, async () => {
    const limit = Math.min(maxClaim, places.free, maxInFlight - inFlight.size)
    if (limit <= 0) return false
    const { deliveries, leavesSome } = await claim(limit)
    for (const delivery of deliveries) {
      const givePlaceUp = places.take()
      const delivering = deliver(delivery).finally(() => {
        const wasFull = inFlight.size >= maxInFlight
        inFlight.delete(delivering)
        givePlaceUp()
        if (wasFull) loop.wake()
      })
      inFlight.set(delivering, delivery)
    }
    return leavesSome
  })
  const stopWaking = wake.onWake('deliveries', loop.wake)

  return {
    stop: async () => {
      stopWaking()
      const drainedAt = performance.now() + drainMs
      const claimed = withinDeadline(loop.stop(), patienceMs)
      await endsWithin(claimed, drainMs)
      await endsWithin(Promise.allSettled(attempts), drainedAt - performance.now())
      abort.abort()
      const settled = Promise.all(inFlight.keys()).then(() => returnLeases(database, interrupted))
      await allEnd([claimed, withinDeadline(settled, patienceMs)]).finally(() => giveUp.abort())
    },
  }
}

/** Claims as one worker. After a claim that failed it first gives back what that one may have taken all the same. */
function createClaim(database: Database, leaseMs: number, inHand: () => readonly ClaimedDelivery[]) {
  const owner = ulid()
  let mayHaveLost = false
  return async (limit: number): Promise<Claim> => {
    if (mayHaveLost) await database.inTransaction((tx) => returnLostLeases(tx, owner, inHand()))
    mayHaveLost = true
    const claimed = await database.inTransaction((tx) => claimDeliveries(tx, { limit, leaseMs, owner }))
    mayHaveLost = false
    return claimed
  }
}

function requestOf(delivery: ClaimedDelivery, secretBox: SecretBox) {
  const { id, url, event, attemptCount } = delivery
  const signed = signatureHeaders({
    eventId: event.id,
    timestamp: Math.floor(Date.now() / 1000),
    body: event.body,
    secrets: secretsOf(delivery, secretBox),
  })
  const headers = {
    ...signed,
    'X-Rex-Event': event.type,
    'X-Rex-Delivery': id,
    'X-Rex-Attempt': String(attemptCount + 1),
  }
  return { url, headers, body: event.body }
}

/** During a rotation both, the one to lead with first. */
function secretsOf(delivery: ClaimedDelivery, secretBox: SecretBox): SigningSecrets {
  const current = secretBox.open(delivery.secret, delivery)
  if (delivery.previousSecret === null) return { accepted: current }
  const previous = secretBox.open(delivery.previousSecret, delivery)
  return leadsWithPrevious(delivery) ? { accepted: previous, other: current } : { accepted: current, other: previous }
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
      event_id: delivery.event.id,
      delivery_id: delivery.id,
      endpoint_id: delivery.endpointId,
      attempt: delivery.attemptCount + 1,
      outcome: outcome.kind,
      ...('status' in outcome && { status: outcome.status }),
      ...('error' in outcome && { error: outcome.error }),
      duration_ms: durationMs,
      ...(verdict.status === 'RETRYING' && { retry_in_ms: Math.round(verdict.delaySeconds * 1000) }),
      ...(!isOurs && { lease_lost: true }),
    },
    'delivery.attempted',
  )
}
