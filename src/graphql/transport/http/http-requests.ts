import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError, unavailable } from '../../../platform/errors.ts'
import { quoteLongNumbers } from '../../../platform/text/long-numbers.ts'
import { maxAnswerBytes } from '../../../server/pending-responses.ts'
import { baseUrlOf, type RequestOrigin } from '../../../server/request-origin.ts'
import { sentKeyOf, unauthenticated } from '../../../workspaces/sent-key.ts'
import type { Viewer } from '../../../workspaces/viewer.ts'
import { graphiqlPage } from '../../graphiql/page.ts'
import type { Surface } from '../dependencies.ts'
import { corsHeaders, isOriginAllowed, preflightHeaders } from '../page-origins.ts'
import { notAcceptable, refuse, sendErrors } from './http-errors.ts'
import { readBody } from './request-body.ts'

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
  if (parts.config.isGraphiqlOn && wantsGraphiql(req)) return sendGraphiql(req, res)
  await operate(parts, reached, req, res)
}

async function operate(
  parts: Surface,
  reached: RequestOrigin,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const before = await authenticate(parts, reached, req)
  const { url, ...request } = await readRequest(reached, req)
  // A body may take its time, in which the key may have been revoked.
  const viewer = parts.viewers.isFresh(before) ? before : await authenticate(parts, reached, req)
  const attended = attend(parts, viewer, req, res)
  const context = parts.contextOf(viewer, baseUrlOf(reached, parts.config.publicUrl))
  const execute = async () => parts.yoga.fetch(url, { ...request, signal: attended.gone }, context)
  const response = await parts.whileAnswering(execute())
  if (response.status === 406) return sendErrors(res, 406, notAcceptable)
  if (!isStream(response)) return await sendWhole(parts, res, response)
  attended.begin()
  res.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) return void res.end()
  await pipeline(Readable.from(response.body), res).catch((error: unknown) => {
    if (!attended.gone.aborted) throw error
  })
}

/** Sends an answer that is there as a whole. @throws AppError `unavailable` while too much waits for readers */
async function sendWhole({ pendingResponses }: Surface, res: ServerResponse, response: Response): Promise<void> {
  // What waits for its reader is no more than the bytes that are sent: a text would be kept beside them.
  const body = Buffer.from(await response.text())
  const bytes = body.length
  if (bytes > maxAnswerBytes) return sendErrors(res, 400, tooLarge)
  if (!pendingResponses.admits(bytes)) throw unavailable()
  res.writeHead(response.status, { ...Object.fromEntries(response.headers), 'content-length': bytes }).end(body)
}

const tooLarge = {
  message: `An answer has at most ${maxAnswerBytes / 1_048_576} MiB: ask for less at a time.`,
  extensions: { code: 'COST_EXCEEDED' },
}

function isStream({ headers }: Response): boolean {
  return /^(text\/event-stream|multipart\/)/.test(headers.get('content-type') ?? '')
}

interface Attended {
  /** Aborted when the caller has gone. */
  readonly gone: AbortSignal
  /** The answer is a stream: it ends with its key. @throws AppError `unauthenticated` when the key has ended already */
  begin(): void
}

/**
 * Ends a stream when its key is revoked or the server stops. Any other operation that has begun is answered: what it
 * changed is changed.
 */
function attend({ sessions }: Surface, viewer: Viewer, req: IncomingMessage, res: ServerResponse): Attended {
  const gone = new AbortController()
  let state: 'executing' | 'refused' | 'streaming' = 'executing'
  const mayStream = (req.headers.accept ?? '').includes('text/event-stream')
  const close = () => {
    if (state === 'streaming') res.end()
    else state = 'refused'
  }
  const session = sessions.open({ viewer, close, ...(mayStream && { leave: () => res.end() }) })
  res.once('close', () => {
    session.end()
    gone.abort()
  })
  return {
    gone: gone.signal,
    begin: () => {
      if (state === 'refused') throw unauthenticated()
      state = 'streaming'
    },
  }
}

async function readRequest({ host }: RequestOrigin, req: IncomingMessage) {
  const url = new URL(req.url ?? '/graphql', `http://${host}`)
  if (req.method === 'GET') readParameters(url)
  const body = req.method === 'POST' ? await readBody(req) : null
  return { url: url.href, method: req.method ?? 'GET', headers: headersOf(req), body }
}

async function authenticate(parts: Surface, { host, network }: RequestOrigin, req: IncomingMessage): Promise<Viewer> {
  const apiKey = sentKeyOf(req)
  const { viewer } = await parts.whileAnswering(parts.identify({ host, apiKey, network }))
  if (viewer === undefined) throw unauthenticated()
  return viewer
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

function sendGraphiql({ headers }: IncomingMessage, res: ServerResponse): void {
  const { body, headers: own } = graphiqlPage
  const isKnown = String(headers['if-none-match'] ?? '').includes(own.ETag)
  if (isKnown) return void res.writeHead(304, own).end()
  res.writeHead(200, { ...own, 'Content-Length': body.length }).end(body)
}
