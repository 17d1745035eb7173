import { onTestFinished } from 'vitest'
import { eventually } from './eventually.ts'

/** Captures at a rate, from many callers that keep their connections. */
export interface SteadyLoad {
  /** Ids of the contacts whose captures were acknowledged. */
  readonly acknowledged: ReadonlySet<string>
  /** What did not end with a 201: a status, or an error of the connection. */
  readonly failures: readonly string[]
  /** Waits for as many more acknowledged captures. */
  acknowledges(count: number): Promise<void>
  stop(): Promise<void>
}

const answeredWithinMs = 20_000
const tickMs = 10

export function startSteadyLoad(url: string, key: string, perSecond: number): SteadyLoad {
  const acknowledged = new Set<string>()
  const failures: string[] = []
  const underWay = new Set<Promise<void>>()
  const run = crypto.randomUUID().slice(0, 8)
  const start = performance.now()
  let begun = 0

  const capture = async () => {
    const response = await fetch(`${url}/capture`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify({ email: `lead-${run}-${begun}@example.com` }),
      signal: AbortSignal.timeout(answeredWithinMs),
    })
    const text = await response.text()
    if (response.status === 201) acknowledged.add(JSON.parse(text).data.id)
    else failures.push(`${response.status} ${text}`)
  }
  const captureDue = () => {
    const due = ((performance.now() - start) / 1000) * perSecond
    for (; begun < due; begun++) {
      const one: Promise<void> = capture()
        .catch((error: Error) => void failures.push(`${error.message}: ${String(error.cause)}`))
        .finally(() => underWay.delete(one))
      underWay.add(one)
    }
  }
  const timer = setInterval(captureDue, tickMs)
  const stop = async () => {
    clearInterval(timer)
    await Promise.all(underWay)
  }
  onTestFinished(stop)
  return {
    acknowledged,
    failures,
    acknowledges: async (count) => {
      const goal = acknowledged.size + count
      await eventually(
        () => acknowledged.size >= goal,
        () => `${acknowledged.size} of ${goal} acknowledged, ${failures.length} failed: ${failures[0]}`,
        60_000,
      )
    },
    stop,
  }
}
