import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually } from './eventually.ts'

/** A webhook as it came in. */
export interface ReceivedWebhook {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly path: string
  readonly receivedAt: number
}

/** How a receiver answers one webhook. */
export type Respond = (webhook: ReceivedWebhook, response: ServerResponse) => void

export interface Receiver {
  readonly url: string
  readonly webhooks: ReceivedWebhook[]
  /** Waits until at least this many have come, and answers all of them. */
  received(count: number, timeoutMs?: number): Promise<ReceivedWebhook[]>
  stop(): Promise<void>
}

const ok: Respond = (_webhook, response) => response.end('ok')

/** Answers each webhook by the next of these, and by the last from then on. */
export function inTurn(...answers: readonly [status: number, headers?: Record<string, string>][]): Respond {
  let turn = 0
  return (_webhook, response) => {
    const [status, headers = {}] = answers[Math.min(turn++, answers.length - 1)]!
    response.writeHead(status, headers).end(`answer ${turn}`)
  }
}

/** A real HTTP server that keeps what it gets and answers as it is told. */
export async function startReceiver(respond: Respond = ok): Promise<Receiver> {
  const webhooks: ReceivedWebhook[] = []
  const server = createServer(async (request, response) => {
    const webhook = {
      headers: headersOf(request),
      body: await readBody(request),
      path: request.url ?? '',
      receivedAt: Date.now(),
    }
    webhooks.push(webhook)
    respond(webhook, response)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    webhooks,
    received: async (count, timeoutMs) => {
      await eventually(
        () => webhooks.length >= count,
        () => `${webhooks.length} of ${count} webhooks`,
        timeoutMs,
      )
      return webhooks
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
