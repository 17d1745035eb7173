import type { SecretBox } from '../../platform/crypto/secret-box.ts'
import type { Log } from '../../platform/log.ts'
import { waitAtMost } from '../../platform/timeout.ts'
import type { AttemptResult, Sender } from '../attempt/attempt.ts'
import { inAttemptSpan } from '../attempt/attempt-span.ts'
import { createSecretOpener, type SecretOpener } from '../attempt/opened-secrets.ts'
import { createRequest, unsentResult } from '../attempt/request.ts'
import type { LeasedDelivery } from './leased-delivery.ts'

const drainMs = 17_000

interface Parts {
  readonly sender: Sender
  readonly secretBox: SecretBox
  readonly log: Log
}

/** The running attempts of a dispatcher. */
export interface RunningAttempts {
  make(delivery: LeasedDelivery): Promise<AttemptResult>
  /** Waits for the last poll and for the running attempts, together at most `drainMs`, then aborts the others. */
  drain(lastPoll: Promise<unknown>): Promise<void>
  readonly areAborted: boolean
}

export function createRunningAttempts({ sender, secretBox, log }: Parts): RunningAttempts {
  const secretOpener = createSecretOpener(secretBox)
  const abort = new AbortController()
  const running = new Set<Promise<AttemptResult>>()
  return {
    make: (delivery) => {
      const made = attemptOrFail(delivery, { sender, secretOpener, log, signal: abort.signal })
      running.add(made)
      return made.finally(() => running.delete(made))
    },
    drain: async (lastPoll) => {
      const drainedAt = performance.now() + drainMs
      await waitAtMost(lastPoll, drainMs)
      await waitAtMost(Promise.allSettled(running), drainedAt - performance.now())
      abort.abort()
    },
    get areAborted() {
      return abort.signal.aborted
    },
  }
}

/** Attempts a delivery. One that cannot be sent counts as an attempt; otherwise it would be claimed again without end. */
async function attemptOrFail(
  delivery: LeasedDelivery,
  parts: Pick<Parts, 'sender' | 'log'> & { secretOpener: SecretOpener; signal: AbortSignal },
): Promise<AttemptResult> {
  const { sender, secretOpener, log, signal } = parts
  try {
    const request = { ...createRequest(delivery, secretOpener), signal }
    return await inAttemptSpan(delivery, request, sender.attempt)
  } catch (error) {
    if (signal.aborted) throw error
    log.error({ delivery_id: delivery.id, endpoint_id: delivery.endpointId, err: error }, 'delivery.not_sent')
    return unsentResult(error)
  }
}
