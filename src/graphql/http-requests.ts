import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gunzipSync } from 'node:zlib'
import { AppError, statusOfCode } from '../errors.ts'
import type { Reached } from '../reached.ts'
import { apiKeyOf } from './credentials.ts'
import { codeOf, errorJson, presentError } from './errors.ts'
import { gzippedGraphiql } from './graphiql.ts'
import { baseUrlOf, corsHeaders, isOriginAllowed, preflightHeaders } from './origin.ts'
import { readBody } from './request-body.ts'
import type { Surface } from './surface.ts'
import { graphqlErrorOf } from './yoga.ts'

type Handle = (req: IncomingMessage, res: ServerResponse) => Promise<void>

/** Queries, mutations and SSE at /graphql, and GraphiQL for a browser that opens it. */
export function createHttpRequests(parts: Surface): Handle {
  return async (req, res) => {
    try {
      await answer(parts, req, res)
    } catch (error) {
      refuse(parts, req, res, error)
    }
  }
}

async function answer(parts: Surface, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const reached = parts.howReached(req)
  if (!isOriginAllowed(req.headers.origin, reached, parts.config))
    throw new AppError('origin_not_allowed', 'Pages of this origin may not use the API.')
  for (const [name, value] of Object.entries(corsHeaders(req))) res.setHeader(name, value)
  if (req.method === 'OPTIONS') return void res.writeHead(204, preflightHeaders).end()
  if (req.method !== 'GET' && req.method !== 'POST')
    throw new AppError('method_not_allowed', 'GET and POST are expected.')
  if (wantsGraphiql(req)) return await sendGraphiql(req, res)
  await operate(parts, reached, req, res)
}

async function operate(parts: Surface, reached: Reached, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { viewer, apiKey } = await authenticate(parts, reached, req)
  const body = req.method === 'POST' ? await readBody(req) : undefined
  const baseUrl = baseUrlOf(reached, parts.config)
  const gone = new AbortController()
  const isStream = (req.headers.accept ?? '').includes('text/event-stream')
  const end = () => res.end()
  const session = parts.sessions.open({ apiKey, close: end, ...(isStream && { leave: end }) })
  res.once('close', () => {
    session.end()
    gone.abort()
  })
  const response = await parts.yoga.fetch(
    new URL(req.url ?? '/graphql', `http://${reached.host}`).href,
    { method: req.method ?? 'GET', headers: headersOf(req), signal: gone.signal, body: body?.toString() ?? null },
    parts.contextOf(viewer, baseUrl),
  )
  res.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) return void res.end()
  await pipeline(Readable.from(response.body), res).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error
  })
}

async function authenticate({ identify }: Surface, { host, network }: Reached, req: IncomingMessage) {
  const apiKey = apiKeyOf(req.headers)
  const { viewer } = await identify({ host, apiKey, network })
  if (viewer === undefined || apiKey === undefined)
    throw new AppError('unauthenticated', 'A valid API key is needed: X-Api-Key or Authorization: Bearer.')
  return { viewer, apiKey }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ])
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function wantsGraphiql({ method, headers, url = '' }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html') && !/[?&]query=/.test(url)
}

async function sendGraphiql({ headers }: IncomingMessage, res: ServerResponse): Promise<void> {
  const gzipped = await gzippedGraphiql()
  const takesGzip = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''))
  const page = takesGzip ? gzipped : gunzipSync(gzipped)
  res.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    ...(takesGzip && { 'Content-Encoding': 'gzip' }),
    'Content-Length': page.length,
    Vary: 'Accept-Encoding',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
  })
  res.end(page)
}

/** What is refused before an operation runs has the same status in every media type. */
function refuse(parts: Surface, req: IncomingMessage, res: ServerResponse, error: unknown): void {
  // A caller that has gone is nobody's failure.
  if (res.headersSent || res.destroyed) return void res.destroy()
  const expected = error instanceof AppError ? error : undefined
  const shown = expected
    ? { message: expected.message, extensions: { code: codeOf(expected) } }
    : errorJson(presentError(graphqlErrorOf(error), parts.log))
  const wantsResponseType = (req.headers.accept ?? '').includes('application/graphql-response+json')
  res.writeHead(expected ? statusOfCode[expected.code] : 500, {
    'Content-Type': `${wantsResponseType ? 'application/graphql-response+json' : 'application/json'}; charset=utf-8`,
    ...(expected?.retryAfterSeconds !== undefined && { 'Retry-After': String(expected.retryAfterSeconds) }),
    ...(expected?.code === 'method_not_allowed' && { Allow: 'GET, POST, OPTIONS' }),
    // The rest of a body that is too large is not read.
    ...(!req.complete && { Connection: 'close' }),
  })
  res.end(JSON.stringify({ errors: [shown] }))
}
