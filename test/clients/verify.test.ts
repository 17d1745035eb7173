import { createServer, type RequestListener } from 'node:http'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RexEvent } from '../../src/client/rex-event.ts'
import {
  fastifyWebhook,
  nodeWebhook,
  type VerifyOptions,
  verifyWebhook,
  webhookHandler,
} from '../../src/client/verify/verify.ts'
import { signatureHeaders } from '../../src/delivery/attempt/signature.ts'
import { readWebhookVectors } from '../support/webhook-vectors.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body =
  '{"id":"evt_1","event":"contact.created","timestamp":"2026-03-16T12:00:01.000Z","data":{"email":"jürgen@example.com"}}'
const vectors = readWebhookVectors()

afterEach(() => {
  vi.useRealTimers()
})

describe('verifyWebhook', () => {
  it('has the three vectors of the contract', () => expect(vectors).toHaveLength(3))

  it.each(vectors)('accepts the vector $headers', (vector) => {
    vi.useFakeTimers({ now: vector.timestamp * 1000, toFake: ['Date'] })
    const { body, headers, secret } = vector
    const event: unknown = expect.objectContaining({ id: 'evt_01HQ0000000000000000000000', event: 'contact.created' })
    expect(verifyWebhook(body, headers, { secret })).toEqual({ ok: true, event })
    expect(verifyWebhook(Buffer.from(body), new Headers(headers), { secret })).toEqual({ ok: true, event })
    expect(failureOf(`${body} `, headers)).toBe('wrong_signature')
    expect(failureOf(body, headers, { secret: `${secret}QUFB` })).toBe('wrong_signature')
  })

  it('accepts either secret of a rotation, by each header family alone, and with several secrets of its own', () => {
    const headers = signed({ accepted: secret, other: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD' })
    const rexOnly = { 'x-rex-signature': headers['x-rex-signature'] }
    const { 'x-rex-signature': _, ...standardOnly } = headers
    for (const family of [headers, rexOnly, standardOnly])
      for (const known of [secret, 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', ['another', secret]])
        expect(failureOf(body, family, { secret: known })).toBeUndefined()
  })

  it('accepts a secret that Standard Webhooks cannot use, and header names in any case', () => {
    const headers = signed({ accepted: 'a-secret-of-our-own-choice' })
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]))
    expect(failureOf(body, upper, { secret: 'a-secret-of-our-own-choice' })).toBeUndefined()
  })

  it('names the check that fails', () => {
    const now = Math.floor(Date.now() / 1000)
    const at = (timestamp: number) => signed({ accepted: secret }, timestamp)
    expect(failureOf(body, {})).toBe('no_signature')
    expect(failureOf(body, { 'x-rex-signature': 'v1=00' })).toBe('bad_header')
    expect(failureOf(body, at(now - 310))).toBe('too_old')
    expect(failureOf(body, at(now + 310))).toBe('too_early')
    expect(failureOf(body, at(now - 310), { secret, toleranceSeconds: 400 })).toBeUndefined()
    expect(failureOf(body, at(now), { secret: 'another' })).toBe('wrong_signature')
    expect(failureOf('no json', signed({ accepted: secret }, now, 'no json'))).toBe('bad_body')
  })

  it.each([
    '',
    't=,v1=',
    't=1,v1=00',
    `t=1,v1=${'g'.repeat(64)}`,
    `v1=${'0'.repeat(64)},t=1`,
    `t=${'9'.repeat(400)},v1=${'0'.repeat(64)}`,
  ])('refuses the header %j without an exception', (header) => {
    expect(failureOf(body, { 'x-rex-signature': header })).toBe('bad_header')
    expect(failureOf(body, { 'webhook-id': 'e', 'webhook-timestamp': '1', 'webhook-signature': header })).toBe(
      'bad_header',
    )
  })

  it('throws for the mistakes of a program: a parsed body, and no secret', () => {
    const parsed: unknown = JSON.parse(body)
    expect(() => verifyWebhook(parsed as string, {}, { secret })).toThrow(/raw body/)
    expect(() => verifyWebhook(body, {}, { secret: '' })).toThrow(/secret/)
  })
})

const forms: { readonly name: string; start(onEvent: (event: RexEvent) => unknown): Promise<string> }[] = [
  { name: 'node:http', start: (onEvent) => listen(nodeWebhook({ secret }, onEvent)) },
  {
    name: 'Express',
    start: (onEvent) => listen(express().post('/', nodeWebhook({ secret }, onEvent))),
  },
  {
    name: 'Express after express.raw()',
    start: (onEvent) =>
      listen(
        express()
          .use(express.raw({ type: '*/*' }))
          .post('/', nodeWebhook({ secret }, onEvent)),
      ),
  },
  {
    name: 'Fastify',
    start: async (onEvent) => {
      const app = fastify()
      onTestFinished(() => app.close())
      await app.register(fastifyWebhook({ secret }, onEvent), { prefix: '/' })
      return app.listen({ host: '127.0.0.1', port: 0 })
    },
  },
  {
    name: 'Hono',
    start: (onEvent) => {
      const handle = webhookHandler({ secret }, onEvent)
      return listenWeb(new Hono().post('/', ({ req }) => handle(req.raw)).fetch)
    },
  },
  { name: 'a Web request, as in Next.js', start: (onEvent) => listenWeb(webhookHandler({ secret }, onEvent)) },
]

describe.each(forms)('the form for $name', ({ start }) => {
  it('hands over what is signed, and answers 401 with the reason to everything else', async () => {
    const events: RexEvent[] = []
    const url = await start((event) => events.push(event))
    expect((await post(url, body, signed({ accepted: secret }))).status).toBe(204)
    expect(events).toEqual([JSON.parse(body)])
    const refused = await post(url, body, signed({ accepted: 'another' }))
    expect(refused.status).toBe(401)
    expect(await refused.json()).toMatchObject({ error: { code: 'wrong_signature' } })
    expect((await post(url, '', {})).status).toBe(401)
    expect(events).toHaveLength(1)
  })

  it('answers 500 when the handler fails, so that Rex sends the event again', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const url = await start(() => Promise.reject(new Error('The database is away.')))
    expect((await post(url, body, signed({ accepted: secret }))).status).toBe(500)
    vi.restoreAllMocks()
  })
})

it('refuses with 413 what is larger than any webhook', async () => {
  const url = await listen(nodeWebhook({ secret }, () => {}))
  expect((await post(url, 'x'.repeat(1_048_577), {})).status).toBe(413)
})

it('says in Express that express.json() has taken the raw body', async () => {
  const url = await listen(
    express()
      .use(express.json())
      .post(
        '/',
        nodeWebhook({ secret }, () => {}),
      ),
  )
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const response = await post(url, body, signed({ accepted: secret }))
  vi.restoreAllMocks()
  expect(response.status).toBe(500)
  expect(await response.text()).toContain('express.raw()')
})

function failureOf(given: string, headers: Record<string, string | undefined>, options: VerifyOptions = { secret }) {
  const result = verifyWebhook(given, headers, options)
  return result.ok ? undefined : result.failure
}

function signed(
  secrets: { accepted: string; other?: string },
  timestamp = Math.floor(Date.now() / 1000),
  text = body,
): Record<string, string> {
  return signatureHeaders({ eventId: 'evt_1', timestamp, body: text, secrets })
}

function post(url: string, text: string, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/json', ...headers } })
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : ''
}

/** Serves a handler of Web requests, as frameworks do. */
function listenWeb(handle: (request: Request) => Response | Promise<Response>): Promise<string> {
  return listen(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const headers = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]))
    const request = new Request('http://localhost/', { method: 'POST', headers, body: Buffer.concat(chunks) })
    try {
      const response = await handle(request)
      outgoing.writeHead(response.status).end(Buffer.from(await response.arrayBuffer()))
    } catch {
      outgoing.writeHead(500).end()
    }
  })
}
