import { onTestFinished } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { type ReceivedWebhook, type Receiver, type Respond, startReceiver } from '../support/receiver.ts'
import { sized } from './fault-report.ts'

export const adminKey = 'fault-test-key-0123456789-0123456789'

/** What was acknowledged to callers against what a receiver accepted; a contact is captured once: it has one event. */
export interface Ledger {
  readonly receiver: Receiver
  readonly acknowledged: number
  acknowledge(contactId: string): void
  /** How many that were acknowledged have not arrived. */
  lost(): number
  /** How many webhooks arrived once more than once. */
  duplicates(): number
  acknowledges(count: number): Promise<void>
  /** Waits until all that has been acknowledged by now has arrived; answers the milliseconds since then. */
  arrives(since: number): Promise<number>
}

const arrivalTimeoutMs = sized({ short: 60_000, whole: 120_000 })

/** `respond` answers what is accepted; what `refuses` says is answered with a 500 and has not arrived. */
export async function openLedger(
  respond: Respond = (_webhook, response) => response.end(),
  refuses: (webhook: ReceivedWebhook) => boolean = () => false,
): Promise<Ledger> {
  const acknowledged = new Set<string>()
  const missing = new Set<string>()
  const arrivals = new Map<string, number>()
  const receiver = await startReceiver((webhook, response) => {
    if (refuses(webhook)) return void response.writeHead(500).end()
    const contactId = contactOf(webhook)
    arrivals.set(contactId, (arrivals.get(contactId) ?? 0) + 1)
    missing.delete(contactId)
    respond(webhook, response)
  })
  onTestFinished(() => receiver.stop())
  return {
    receiver,
    get acknowledged() {
      return acknowledged.size
    },
    acknowledge: (contactId) => {
      acknowledged.add(contactId)
      if (!arrivals.has(contactId)) missing.add(contactId)
    },
    lost: () => missing.size,
    duplicates: () => [...arrivals.values()].reduce((sum, count) => sum + count - 1, 0),
    acknowledges: (count) =>
      eventually(
        () => acknowledged.size >= count,
        () => `${acknowledged.size} of ${count} captures acknowledged`,
        arrivalTimeoutMs,
      ),
    arrives: async (since) => {
      const before = [...missing]
      await eventually(
        () => before.every((contactId) => !missing.has(contactId)),
        () => `${missing.size} of ${acknowledged.size} missing`,
        arrivalTimeoutMs,
      )
      return performance.now() - since
    },
  }
}

function contactOf({ body }: ReceivedWebhook): string {
  return JSON.parse(body).data.id
}

export interface Load {
  /** Waits until as many more captures have not been acknowledged. */
  refuses(count: number): Promise<void>
  stop(): Promise<void>
}

/** Captures at a rate, whether or not somebody answers. */
export function startLoad(url: string, ledger: Ledger, perSecond: number): Load {
  const api = createApiClient({ url, key: adminKey })
  const underWay = new Set<Promise<void>>()
  const start = performance.now()
  let begun = 0
  let refused = 0

  const captureOne = async () => {
    const { status, json } = await api.capture({ email: `lead-${begun++}@example.com` })
    if (status === 201) ledger.acknowledge(String(json.data?.['id']))
    else refused++
  }
  const captureWhatIsDue = () => {
    const due = ((performance.now() - start) / 1000) * perSecond
    while (begun < due && underWay.size < maxUnderWay) {
      const capture: Promise<void> = captureOne()
        .catch(() => {
          refused++ // A server that is gone owes nothing for it.
        })
        .finally(() => underWay.delete(capture))
      underWay.add(capture)
    }
  }
  const timer = setInterval(captureWhatIsDue, 10)
  const stop = async () => {
    clearInterval(timer)
    await Promise.all(underWay)
  }
  onTestFinished(stop)
  return {
    refuses: async (count) => {
      const before = refused
      await eventually(
        () => refused >= before + count,
        () => `${refused - before} of ${count} captures refused`,
        arrivalTimeoutMs,
      )
    },
    stop,
  }
}

const maxUnderWay = 500

/** As many captures, some at a time. */
export async function captureAll(url: string, ledger: Ledger, count: number): Promise<void> {
  const api = createApiClient({ url, key: adminKey })
  const numbers = Array.from({ length: count }, (_, index) => index).values()
  const capture = async () => {
    for (const number of numbers) {
      const { json } = await api.capture({ email: `lead-${number}-${ledger.acknowledged}@example.com` })
      ledger.acknowledge(String(json.data?.['id']))
    }
  }
  await Promise.all(Array.from({ length: 32 }, capture))
}
