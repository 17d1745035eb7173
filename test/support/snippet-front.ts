import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFormTokens } from '../../src/capture/screen/form-token.ts'
import { type Received, send } from './http-client.ts'
import { startTestApp, type TestApp } from './test-app.ts'

/** What the front does with captures; a number is a status that it answers by itself. */
type Mode = 'open' | 'away' | 'silent' | 'answers lost' | number

/** What came to the front on /capture. */
interface Arrived {
  readonly type: string | undefined
  readonly body: string
  /** Of the answer; undefined where there was none. */
  status: number | undefined
}

/** A Rex as pages reach it: what they send is seen on its way, and a test says how that ends. */
export interface SnippetFront {
  readonly url: string
  readonly app: TestApp
  readonly arrived: Arrived[]
  mode: Mode
  /** The age of the tokens that scripts carry. Browsers fill in a form faster than people. */
  tokenAgeMs: number
  stop(): Promise<void>
}

const key = Buffer.alloc(32, 1)
const tokens = createFormTokens([{ id: 'k1', key }])

export async function startSnippetFront(): Promise<SnippetFront> {
  const app = await startTestApp({ REX_ENCRYPTION_KEYS: `k1:${key.toString('base64')}` })
  const arrived: Arrived[] = []
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const front: SnippetFront = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    app,
    arrived,
    mode: 'open',
    tokenAgeMs: 60_000,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await app.stop()
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request)
    if (request.url !== '/capture') return pass(await forward(request, body), response)
    const { mode } = front
    if (mode === 'away') return void response.destroy()
    const arrival: Arrived = { type: request.headers['content-type'], body, status: undefined }
    arrived.push(arrival)
    if (typeof mode === 'number') {
      arrival.status = mode
      response.writeHead(mode, { 'access-control-allow-origin': '*' }).end()
      return
    }
    if (mode === 'silent') return
    const received = await forward(request, body)
    if (mode === 'answers lost') return void response.destroy()
    arrival.status = received.status
    pass(received, response)
  }

  async function forward({ method = '', url = '', headers }: IncomingMessage, body: string): Promise<Received> {
    const { connection: _, 'accept-encoding': __, 'if-none-match': ___, ...kept } = headers
    const received = await send(app.url, { method, path: url, headers: kept as Record<string, string>, body })
    const token = tokens.makeFormToken(new Date(Date.now() - front.tokenAgeMs))
    if (url !== '/capture.js') return received
    return { ...received, text: received.text.replace(/[0-9a-z]{8}\.[\w-]{43}/, token) }
  }
  return front
}

function pass({ status, headers, text }: Received, response: ServerResponse): void {
  const { 'content-length': _, connection: __, 'transfer-encoding': ___, ...kept } = headers
  response.writeHead(status, { ...kept, 'cache-control': 'no-store' }).end(text)
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
