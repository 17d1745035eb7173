import type { Batch } from './batches.ts'
import type { BatchAnswer } from './import-api.ts'

/** Requests at the same time: the server writes one while it reads the next. */
const maxInFlight = 2

interface SendOptions {
  readonly send: (batch: Batch) => Promise<BatchAnswer>
  readonly onAnswer: (batch: Batch, answer: BatchAnswer | undefined) => void
  /** Position of the e-mail in a row. */
  readonly emailAt: number
}

/**
 * Sends batches, some at the same time. Two batches with the same e-mail are sent one after the other, so that the last
 * row of a person is also the last one written.
 */
export async function sendBatches(batches: AsyncIterable<Batch>, { send, onAnswer, emailAt }: SendOptions) {
  const inFlight = new Map<Promise<void>, ReadonlySet<string>>()
  for await (const batch of batches) {
    const emails = new Set(batch.rows.map(({ values }) => (values[emailAt] ?? '').trim().toLowerCase()))
    while (inFlight.size === maxInFlight || [...inFlight.values()].some((others) => overlap(others, emails)))
      await Promise.race(inFlight.keys())
    if (batch.rows.length === 0) {
      onAnswer(batch, undefined)
      continue
    }
    const sending: Promise<void> = send(batch).then((answer) => {
      inFlight.delete(sending)
      onAnswer(batch, answer)
    })
    inFlight.set(sending, emails)
    sending.catch(() => {}) // The next wait rejects with the same error.
  }
  await Promise.all(inFlight.keys())
}

function overlap(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const each of some) if (others.has(each)) return true
  return false
}
