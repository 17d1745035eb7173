import { Client } from 'undici'

/** Throughput and latencies of a load test. */
export interface Measured {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly maxMs: number
}

export interface Load {
  readonly callers: number
  readonly durationMs: number
}

const headers = { 'content-type': 'application/json' }
let leads = 0

/** Runs a load: each caller has a kept-alive connection and sends one lead after the other, each with a new e-mail. */
export async function measure(url: string, { callers, durationMs }: Load): Promise<Measured> {
  const latencies: number[] = []
  const clients = Array.from({ length: callers }, () => new Client(url))
  const start = performance.now()
  await Promise.all(clients.map((client) => call(client, start + durationMs, latencies)))
  const seconds = (performance.now() - start) / 1000
  await Promise.all(clients.map((client) => client.close()))
  latencies.sort((a, b) => a - b)
  return {
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
    maxMs: percentile(latencies, 1),
  }
}

async function call(client: Client, until: number, latencies: number[]): Promise<void> {
  while (performance.now() < until) {
    const start = performance.now()
    const { statusCode, body } = await client.request({ method: 'POST', path: '/capture', headers, body: nextLead() })
    await body.dump()
    if (statusCode !== 201) throw new Error(`Expected 201, got ${statusCode}.`)
    latencies.push(performance.now() - start)
  }
}

/** Returns the body of the contract's example. */
function nextLead(): string {
  leads += 1
  return JSON.stringify({
    email: `lead-${leads}@example.com`,
    first_name: 'Jane',
    last_name: 'Doe',
    source: 'organic',
    metadata: { utm_source: 'google', utm_campaign: 'spring-launch', landing_page: '/pricing' },
  })
}

export function medianOf(rounds: readonly Measured[]): Measured {
  const median = (pick: (round: Measured) => number) =>
    percentile(
      rounds.map(pick).sort((a, b) => a - b),
      0.5,
    )
  return {
    perSecond: median(({ perSecond }) => perSecond),
    p50Ms: median(({ p50Ms }) => p50Ms),
    p95Ms: median(({ p95Ms }) => p95Ms),
    maxMs: median(({ maxMs }) => maxMs),
  }
}

/** Returns a percentile of sorted numbers. */
export function percentile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.floor((sorted.length - 1) * fraction)] ?? Number.NaN
}
