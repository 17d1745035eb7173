import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gunzipSync } from 'node:zlib'
import { AppError } from '../errors.ts'
import { quoteLongNumbers } from '../long-numbers.ts'
import type { Reached } from '../reached.ts'
import { apiKeyOf } from './credentials.ts'
import { gzippedGraphiql } from './graphiql.ts'
import { notAcceptable, refuse, sendErrors } from './http-errors.ts'
import { baseUrlOf, corsHeaders, isOriginAllowed, preflightHeaders } from './origin.ts'
import { readBody } from './request-body.ts'
import type { Surface } from './surface.ts'

type Handle = (req: IncomingMessage, res: ServerResponse) => Promise<void>

/** Queries, mutations and SSE at /graphql, and GraphiQL for a browser that opens it. */
export function createHttpRequests(parts: Surface): Handle {
  return async (req, res) => {
    try {
      await answer(parts, req, res)
    } catch (error) {
      refuse(parts.log, req, res, error)
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
  const { url, ...request } = await readRequest(reached, req)
  const gone = attend(parts, apiKey, req, res)
  const context = parts.contextOf(viewer, baseUrlOf(reached, parts.config))
  const execute = async () => parts.yoga.fetch(url, { ...request, signal: gone }, context)
  const response = await parts.whileAnswering(execute())
  if (response.status === 406) return sendErrors(res, 406, notAcceptable)
  res.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) return void res.end()
  await pipeline(Readable.from(response.body), res).catch((error: unknown) => {
    if (!gone.aborted) throw error
  })
}

/** Ends the answer when its key is revoked or the server stops; answers what tells that the caller has gone. */
function attend({ sessions }: Surface, apiKey: string, req: IncomingMessage, res: ServerResponse): AbortSignal {
  const gone = new AbortController()
  const isStream = (req.headers.accept ?? '').includes('text/event-stream')
  const end = () => res.end()
  const session = sessions.open({ apiKey, close: end, ...(isStream && { leave: end }) })
  res.once('close', () => {
    session.end()
    gone.abort()
  })
  return gone.signal
}

async function readRequest({ host }: Reached, req: IncomingMessage) {
  const url = new URL(req.url ?? '/graphql', `http://${host}`)
  if (req.method === 'GET') readParameters(url)
  const body = req.method === 'POST' ? await readBody(req) : null
  return { url: url.href, method: req.method ?? 'GET', headers: headersOf(req), body }
}

async function authenticate(parts: Surface, { host, network }: Reached, req: IncomingMessage) {
  const apiKey = apiKeyOf(req.headers)
  const { viewer } = await parts.whileAnswering(parts.identify({ host, apiKey, network }))
  if (viewer === undefined || apiKey === undefined)
    throw new AppError('unauthenticated', 'A valid API key is needed: X-Api-Key or Authorization: Bearer.')
  return { viewer, apiKey }
}

/**
 * Checks the parameters that hold JSON, which Yoga takes for a failure of ours where it is none, and keeps the digits of
 * their long integers. @throws AppError `invalid_json`
 */
function readParameters({ searchParams }: URL): void {
  for (const name of ['variables', 'extensions'])
    if (searchParams.getAll(name).some((text) => text !== '' && !isJson(text)))
      throw new AppError('invalid_json', `The parameter ${name} is not valid JSON.`)
  const variables = searchParams.get('variables')
  const quoted = quoteLongNumbers(variables ?? '')
  if (quoted !== (variables ?? '')) searchParams.set('variables', quoted)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Yoga knows one spelling of the type alone; that it is JSON is checked before. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ])
  const sent = Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  return { ...sent, ...('content-type' in sent && { 'content-type': 'application/json' }) }
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
