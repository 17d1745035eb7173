import { createBatcher } from '../batcher.ts'
import type { Database } from '../database/database.ts'
import { unavailable } from '../errors.ts'
import { startReadingLoop } from '../events/reading-loop.ts'
import type { Wake } from '../events/wake.ts'
import type { Log } from '../log.ts'
import { disableGoneEndpoint } from '../webhooks/auto-disable.ts'
import type { SecretBox } from '../webhooks/secret-box.ts'
import type { AttemptResult, Sender } from './attempt.ts'
import {
  type ClaimedDelivery,
  claimDeliveries,
  endpointDeliveries,
  returnLeases,
  type Settlement,
  settleDeliveries,
  type Verdict,
} from './queue.ts'
import { type NextStep, nextStep } from './retry.ts'
import { signatureHeaders } from './signature.ts'

const maxClaim = 200
const maxInFlight = 400
const maxSettled = 200
const drainMs = 18_000

export interface Dispatcher {
  /** Claims nothing more, lets the attempts under way end, gives back the leases of those that take too long. */
  stop(): Promise<void>
}

export interface DispatcherParts {
  readonly database: Database
  readonly wake: Wake
  readonly sender: Sender
  readonly secretBox: SecretBox
  readonly leaseMs: number
  readonly scheduleSeconds: readonly number[]
  readonly random: () => number
  readonly log: Log
}

/** Claims what is due, attempts it outside any transaction, and settles what comes of it in batches. */
export function startDispatcher(parts: DispatcherParts): Dispatcher {
  const { database, wake, sender, secretBox, leaseMs, log } = parts
  const abort = new AbortController()
  const inFlight = new Map<Promise<void>, ClaimedDelivery>()

  const settler = createBatcher<Settlement, boolean>({
    maxItems: maxSettled,
    inFlight: 1,
    maxWaiting: Number.POSITIVE_INFINITY,
    whenFull: unavailable,
    failsTogether: () => false,
    write: async (settlements) => {
      const settled = await settleDeliveries(database, settlements)
      return settlements.map(({ delivery }) => ({ ok: true, value: settled.has(delivery.id) }))
    },
  })

  const deliver = async (delivery: ClaimedDelivery): Promise<void> => {
    try {
      const request = requestOf(delivery, secretBox)
      const result = await sender.attempt({ ...request, signal: abort.signal })
      const step = nextStep(delivery, result.outcome, parts.scheduleSeconds, parts.random, new Date())
      // Before it is settled: after a crash in between, the delivery must not be held for an endpoint that is enabled.
      if (step.kind === 'endpointGone') await disableGoneEndpoint(database, delivery, endpointDeliveries)
      const isOurs = await settler.add({ delivery, result, verdict: verdictOf(step) })
      logAttempt(log, delivery, result, step, isOurs)
    } catch (error) {
      // The lease is left to run out: another claim will follow, here or elsewhere.
      if (!abort.signal.aborted) log.error({ delivery_id: delivery.id, err: error }, 'delivery.attempt_failed')
    }
  }

  const loop = startReadingLoop('dispatcher', log, async () => {
    const limit = Math.min(maxClaim, maxInFlight - inFlight.size)
    if (limit <= 0) return false
    const claimed = await database.inTransaction((tx) => claimDeliveries(tx, { limit, leaseMs }))
    for (const delivery of claimed) {
      const attempt = deliver(delivery).finally(() => {
        inFlight.delete(attempt)
        loop.wake()
      })
      inFlight.set(attempt, delivery)
    }
    return claimed.length === limit
  })
  const stopWaking = wake.onWake('deliveries', loop.wake)

  return {
    stop: async () => {
      stopWaking()
      await loop.stop()
      await endsWithin(Promise.all(inFlight.keys()), drainMs)
      abort.abort()
      const unsettled = [...inFlight.values()]
      await Promise.all(inFlight.keys())
      await returnLeases(database, unsettled)
    },
  }
}

function requestOf(delivery: ClaimedDelivery, secretBox: SecretBox) {
  const { workspaceId, endpointId, id, url, secret, event, attemptCount } = delivery
  const signed = signatureHeaders({
    eventId: event.id,
    timestamp: Math.floor(Date.now() / 1000),
    body: event.body,
    secrets: { accepted: secretBox.open(secret, { workspaceId, endpointId }) },
  })
  const headers = {
    ...signed,
    'X-Rex-Event': event.type,
    'X-Rex-Delivery': id,
    'X-Rex-Attempt': String(attemptCount + 1),
  }
  return { url, headers, body: event.body }
}

function verdictOf(step: NextStep): Verdict {
  switch (step.kind) {
    case 'succeeded':
      return { status: 'SUCCEEDED' }
    case 'failed':
      return { status: 'FAILED' }
    case 'endpointGone':
      return { status: 'HELD' }
    case 'retry':
      return { status: 'RETRYING', delaySeconds: step.delaySeconds, usesRetry: step.usesRetry }
    default:
      return step satisfies never
  }
}

function logAttempt(log: Log, delivery: ClaimedDelivery, result: AttemptResult, step: NextStep, isOurs: boolean): void {
  const { outcome, durationMs } = result
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
      ...(step.kind === 'retry' && { retry_in_ms: Math.round(step.delaySeconds * 1000) }),
      ...(!isOurs && { lease_lost: true }),
    },
    'delivery.attempted',
  )
}

async function endsWithin(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, timeout])
  clearTimeout(timer)
}
