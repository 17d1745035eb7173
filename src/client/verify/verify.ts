import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RexEvent } from '../rex-event.ts'
import { readBody } from './request-body.ts'
import { isSignedWith, parseRexSignature, parseStandardSignature, type SignedHeader } from './signatures.ts'

export interface VerifyOptions {
  /** Secret of the endpoint. Give all that hold while you rotate it. */
  readonly secret: string | readonly string[]
  /** Greatest age of a signature, and the greatest difference of the two clocks. Default: 300. */
  readonly toleranceSeconds?: number
}

/** Headers of any framework: those of Node, or `Headers`. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

/** The check that failed. */
export type WebhookFailure = 'no_signature' | 'bad_header' | 'too_old' | 'too_early' | 'wrong_signature' | 'bad_body'

export type WebhookResult =
  | { readonly ok: true; readonly event: RexEvent }
  | { readonly ok: false; readonly failure: WebhookFailure; readonly message: string }

/** Called with each verified event. A rejection becomes the status 500, and Rex sends the event again. */
export type OnEvent = (event: RexEvent) => unknown

/**
 * Verifies a webhook by `X-Rex-Signature` or the `webhook-*` headers of Standard Webhooks.
 * @param body the raw body, as it was received: parsing it and serialising it again gives other bytes
 * @throws TypeError when the body is parsed already or there is no secret, which are mistakes of the program
 */
export function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  options: VerifyOptions,
): WebhookResult {
  if (typeof body !== 'string' && !(body instanceof Uint8Array))
    throw new TypeError('verifyWebhook needs the raw body: a string, a Buffer or a Uint8Array.')
  const secrets = [options.secret].flat().filter((secret) => secret !== '')
  if (secrets.length === 0) throw new TypeError('verifyWebhook needs a secret.')
  const families = signedHeaders(headers)
  if (families.length === 0) return failed('no_signature')
  const results = families.map((family) => checkFamily(family, body, secrets, options.toleranceSeconds ?? 300))
  return results.find(({ ok }) => ok) ?? results[0] ?? failed('no_signature')
}

/** Returns the header families of the request; undefined stands for one that cannot be read. */
function signedHeaders(headers: WebhookHeaders): (SignedHeader | undefined)[] {
  const rex = headerOf(headers, 'x-rex-signature')
  const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) =>
    headerOf(headers, `webhook-${name}`),
  )
  return [
    ...(rex === undefined ? [] : [parseRexSignature(rex)]),
    // Rex omits `webhook-signature` for a secret that is not of the form of Standard Webhooks.
    ...(signature === undefined
      ? []
      : [parseStandardSignature({ id: id ?? '', timestamp: timestamp ?? '', signature })]),
  ]
}

function checkFamily(
  family: SignedHeader | undefined,
  body: string | Uint8Array,
  secrets: readonly string[],
  toleranceSeconds: number,
): WebhookResult {
  if (family === undefined) return failed('bad_header')
  if (!isSignedWith(secrets, family, body)) return failed('wrong_signature')
  const ageSeconds = Date.now() / 1000 - family.timestamp
  if (ageSeconds > toleranceSeconds) return failed('too_old')
  if (ageSeconds < -toleranceSeconds) return failed('too_early')
  return parseEvent(body)
}

/** Parses a signed body: only Rex can have written it. */
function parseEvent(body: string | Uint8Array): WebhookResult {
  try {
    return { ok: true, event: JSON.parse(Buffer.from(body).toString()) as RexEvent }
  } catch {
    return failed('bad_body')
  }
}

const messages: Readonly<Record<WebhookFailure, string>> = {
  no_signature: 'The request has neither the header X-Rex-Signature nor webhook-signature.',
  bad_header: 'The header of the signature does not have its form.',
  too_old: 'The signature is too old. Somebody repeats a request, or the clock of this machine is ahead.',
  too_early: 'The signature is from the future. The clock of this machine is behind.',
  wrong_signature: 'No secret made this signature: the secret is another one, or the body is not the raw one.',
  bad_body: 'The body is not JSON.',
}

function failed(failure: WebhookFailure): WebhookResult {
  return { ok: false, failure, message: messages[failure] }
}

function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === name) ?? []
  return typeof value === 'object' ? value[0] : value
}

/** Returns a handler of Web requests, for Next.js (`export const POST = …`), Hono (`c.req.raw`), Deno and Bun. */
export function webhookHandler(options: VerifyOptions, onEvent: OnEvent): (request: Request) => Promise<Response> {
  return async (request) => {
    const body = await readBody(request.body ?? new Blob().stream())
    const { status, text } = await handle(body, request.headers, options, onEvent)
    return new Response(text || null, { status, headers: text ? { 'content-type': 'application/json' } : {} })
  }
}

/** Request of Node, and of Express, where `express.raw()` may have read the body. */
type NodeRequest = IncomingMessage & { readonly body?: unknown }

/** Returns a handler for `node:http` and Express. With `express.json()` in front of it the raw body is lost: it then fails. */
export function nodeWebhook(
  options: VerifyOptions,
  onEvent: OnEvent,
): (request: NodeRequest, response: ServerResponse, next?: (error: unknown) => void) => Promise<void> {
  return async (request, response, next) => {
    try {
      const body = request.body instanceof Uint8Array ? request.body : await readBody(unread(request))
      const { status, text } = await handle(body, request.headers, options, onEvent)
      response.writeHead(status, text ? { 'content-type': 'application/json' } : {}).end(text)
    } catch (error) {
      if (next) next(error)
      else response.writeHead(500).end()
    }
  }
}

function unread(request: NodeRequest): NodeRequest {
  if (!request.readableEnded) return request
  throw new TypeError('The body is parsed already. Put the webhook in front of express.json(), or use express.raw().')
}

/** Parts of a Fastify instance and of its requests and replies that the plugin uses. */
interface FastifyLike {
  removeAllContentTypeParsers(): unknown
  addContentTypeParser(
    type: string,
    options: { parseAs: 'buffer' },
    parse: (request: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => void,
  ): unknown
  post(path: string, handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>): unknown
}
interface FastifyRequestLike {
  readonly body: unknown
  readonly headers: IncomingMessage['headers']
}
interface FastifyReplyLike {
  code(status: number): { header(name: string, value: string): { send(text: string): unknown } }
}

/** Returns a Fastify plugin with the route `POST /`: `app.register(fastifyWebhook(…), { prefix: '/webhooks/rex' })`. */
export function fastifyWebhook(options: VerifyOptions, onEvent: OnEvent): (app: FastifyLike) => Promise<void> {
  return async (app) => {
    // Only in this plugin: other routes of the app go on parsing JSON.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
    app.post('/', async (request, reply) => {
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array()
      const { status, text } = await handle(body, request.headers, options, onEvent)
      return reply.code(status).header('content-type', 'application/json').send(text)
    })
  }
}

async function handle(
  body: Uint8Array | undefined,
  headers: WebhookHeaders,
  options: VerifyOptions,
  onEvent: OnEvent,
): Promise<{ readonly status: number; readonly text: string }> {
  if (body === undefined) return { status: 413, text: '' }
  const result = verifyWebhook(body, headers, options)
  if (!result.ok)
    return { status: 401, text: JSON.stringify({ error: { code: result.failure, message: result.message } }) }
  await onEvent(result.event)
  return { status: 204, text: '' }
}
