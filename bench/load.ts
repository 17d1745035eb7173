import { Client } from 'undici'

/** Throughput and latencies of a load test. */
export interface Measured {
  readonly stored: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface Load {
  readonly callers: number
  readonly durationMs: number
  /** Whether every second lead has an e-mail of `knownEmails`. */
  readonly halfKnown?: boolean
}

const headers = { 'content-type': 'application/json' }
/** More than callers, so that no two of them send the same e-mail at a time. */
const knownCount = 1000
let leads = 0

/** Runs a load: each caller has a kept-alive connection and sends one lead after the other, each with a new e-mail. */
export async function measure(url: string, { callers, durationMs, halfKnown = false }: Load): Promise<Measured> {
  const latencies: number[] = []
  const clients = Array.from({ length: callers }, () => new Client(url))
  const start = performance.now()
  const until = start + durationMs
  const call = async (client: Client) => {
    while (performance.now() < until) latencies.push(await capture(client, nextEmail(halfKnown)))
  }
  await Promise.all(clients.map(call))
  const seconds = (performance.now() - start) / 1000
  await Promise.all(clients.map((client) => client.close()))
  latencies.sort((a, b) => a - b)
  return {
    stored: latencies.length,
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p95Ms: percentile(latencies, 0.95),
    p99Ms: percentile(latencies, 0.99),
    maxMs: percentile(latencies, 1),
  }
}

/** Captures each e-mail that `halfKnown` sends again, and returns their number. */
export async function storeKnown(url: string): Promise<number> {
  const client = new Client(url)
  for (let nth = 0; nth < knownCount; nth++) await capture(client, `known-${nth}@example.com`)
  await client.close()
  return knownCount
}

function nextEmail(halfKnown: boolean): string {
  leads += 1
  return halfKnown && leads % 2 === 0 ? `known-${(leads / 2) % knownCount}@example.com` : `lead-${leads}@example.com`
}

/** Sends the lead of the contract's example, and returns the milliseconds that it took. */
async function capture(client: Client, email: string): Promise<number> {
  const lead = {
    email,
    first_name: 'Jane',
    last_name: 'Doe',
    source: 'organic',
    metadata: { utm_source: 'google', utm_campaign: 'spring-launch', landing_page: '/pricing' },
  }
  const start = performance.now()
  const sent = { method: 'POST', path: '/capture', headers, body: JSON.stringify(lead) } as const
  const { statusCode, body } = await client.request(sent)
  await body.dump()
  if (statusCode !== 201) throw new Error(`Expected 201, got ${statusCode}.`)
  return performance.now() - start
}

/** Returns a percentile of sorted numbers. */
export function percentile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.floor((sorted.length - 1) * fraction)] ?? Number.NaN
}

/** Returns the median of numbers in any order. */
export function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  )
}
