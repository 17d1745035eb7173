import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { Pool } from 'undici'

/** Paths of the two endpoints that every lead is sent to. */
export const endpointPaths = ['/a', '/b'] as const

/** Receiver of both endpoints, which records when each lead arrives. */
export interface Arrivals {
  readonly urls: readonly string[]
  /** Returns the time of a lead's first webhook at an endpoint, or undefined. */
  at(path: string, email: string): number | undefined
  /** Number of leads and endpoints that have a webhook. */
  readonly count: number
  close(): void
}

export async function startArrivals(): Promise<Arrivals> {
  const times = new Map<string, number>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const key = keyOf(request.url ?? '', parseWebhook(Buffer.concat(chunks).toString('utf8')).data.email)
    if (!times.has(key)) times.set(key, performance.now())
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    urls: endpointPaths.map((path) => `http://127.0.0.1:${port}${path}`),
    at: (path, email) => times.get(keyOf(path, email)),
    get count() {
      return times.size
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function keyOf(path: string, email: string): string {
  return `${path} ${email}`
}

function parseWebhook(text: string): { readonly data: { readonly email: string } } {
  return JSON.parse(text)
}

let leads = 0

/**
 * Sends leads at a fixed rate, whether the ones before are stored or not, and returns when each was sent. Rejects if one
 * is not stored.
 */
export async function sendAtRate(
  url: string,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<Map<string, number>> {
  const pool = new Pool(url, { connections: 64 })
  const sentAt = new Map<string, number>()
  const responses: Promise<void>[] = []
  const start = performance.now()
  for (let nth = 0; nth < perSecond * seconds; nth++) {
    const waitMs = start + (nth * 1000) / perSecond - performance.now()
    if (waitMs > 1) await setTimeout(waitMs)
    const email = `lead-${leads++}@example.com`
    sentAt.set(email, performance.now())
    responses.push(capture(pool, email))
  }
  await Promise.all(responses)
  await pool.close()
  return sentAt
}

async function capture(pool: Pool, email: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const lead = { email, first_name: 'Jane', last_name: 'Doe', source: 'organic', metadata: { plan: 'pro' } }
  const sent = { method: 'POST', path: '/capture', headers, body: JSON.stringify(lead) } as const
  const { statusCode, body } = await pool.request(sent)
  await body.dump()
  if (statusCode !== 201) throw new Error(`Expected 201, got ${statusCode}.`)
}

/** Waits until all leads have arrived at both endpoints, and returns the milliseconds that each took, sorted. */
export async function untilArrived(
  arrivals: Arrivals,
  sentAt: ReadonlyMap<string, number>,
  timeoutMs: number,
): Promise<number[]> {
  const deadline = performance.now() + timeoutMs
  const waiting = new Set([...sentAt.keys()].flatMap((email) => endpointPaths.map((path) => ({ path, email }))))
  const latencies: number[] = []
  while (waiting.size > 0) {
    for (const each of waiting) {
      const at = arrivals.at(each.path, each.email)
      if (at === undefined) continue
      latencies.push(at - (sentAt.get(each.email) ?? Number.NaN))
      waiting.delete(each)
    }
    if (performance.now() > deadline) throw new Error(`${waiting.size} webhooks did not arrive.`)
    await setTimeout(20)
  }
  return latencies.sort((a, b) => a - b)
}

const key = 'bench-through-key-0123456789-0123456789'

/** Settings of a Rex whose endpoints `registerEndpoints` creates. */
export const rexSettings = { REX_API_KEY: key, REX_CAPTURE_RATE: '0', REX_KEY_RATE: '0', LOG_LEVEL: 'info' }

export async function registerEndpoints(url: string, receivers: readonly string[]): Promise<void> {
  for (const receiver of receivers) {
    const body = JSON.stringify({ url: receiver, events: ['contact.created'], max_in_flight: 100 })
    const headers = { 'content-type': 'application/json', 'x-api-key': key }
    const register = () => fetch(`${url}/webhooks`, { method: 'POST', headers, body })
    let response = await register()
    while (response.status === 503) response = await register() // A busy machine.
    if (!response.ok) throw new Error(`Expected an endpoint, got ${response.status}.`)
  }
}
