import { type Agent, errors } from 'undici'
import type { AddressGuard } from '../network/address-guard.ts'
import { ConnectionError, createGuardedConnect, type GuardedConnect } from '../network/guarded-connect.ts'
import { type Ended, Exchange } from './exchange.ts'
import { createExchangeAgent } from './exchange-agent.ts'

type UnreachableError = 'DNS' | 'CONNECT' | 'TLS' | 'TIMEOUT' | 'BLOCKED_ADDRESS' | 'PROTOCOL'

/** Outcome of one attempt; the errors are the contract's `AttemptError`s. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly status: number }
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly error: 'HTTP_STATUS' | 'REDIRECT'
      /** The `Retry-After` header as the receiver sent it. */
      readonly retryAfter: string | null
    }
  | {
      readonly kind: 'unreachable'
      readonly error: UnreachableError
      /** One line with the reason: an error code of the parser, TLS or the system, then the status line received, if any. */
      readonly detail?: string | undefined
    }

export interface AttemptRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Aborts the attempt: it rejects with the signal's reason, because the receiver's state is unknown then. */
  readonly signal?: AbortSignal | undefined
}

export interface AttemptResult {
  readonly outcome: Outcome
  readonly startedAt: Date
  readonly durationMs: number
  /** At most 4 KiB of text that PostgreSQL can store; null without a response. */
  readonly responseBody: string | null
  /** Whether a non-public address was tried: keys without ADMIN cannot read its response. */
  readonly inside: boolean
  /** Set while tracing is on. */
  readonly traceId?: string | undefined
}

export interface Sender {
  /** Sends one POST request. Failures of the receiver or the network are outcomes, never errors. */
  attempt(request: AttemptRequest): Promise<AttemptResult>
  /** Closes all connections; attempts in progress reject. */
  close(): Promise<void>
}

export interface SenderOptions {
  readonly guard: AddressGuard
  /** Timeout of the whole attempt: name resolution, connection, headers and body. */
  readonly timeoutMs: number
  readonly connectTimeoutMs?: number | undefined
  /** `Rex/<version>` */
  readonly userAgent: string
  /** `address:port` of the name servers; the machine's own if undefined. */
  readonly nameServers?: readonly string[] | undefined
}

export function createSender(options: SenderOptions): Sender {
  const { guard, timeoutMs, connectTimeoutMs = 3000, userAgent, nameServers } = options
  const agents = createAgents(createGuardedConnect({ guard, connectTimeoutMs, nameServers }))

  const attempt = async (request: AttemptRequest): Promise<AttemptResult> => {
    const startedAt = new Date()
    const start = performance.now()
    const response = await post(agents, withRexHeaders(request, userAgent), timeoutMs)
    return { ...response, startedAt, durationMs: Math.round(performance.now() - start) }
  }
  const close = async () => {
    await Promise.all([agents.reusing.destroy(), agents.fresh.destroy()])
  }

  return { attempt, close }
}

interface Agents {
  readonly reusing: Agent
  /** Opens a connection for each request. */
  readonly fresh: Agent
}

function createAgents(connect: GuardedConnect): Agents {
  const options = {
    allowH2: false,
    // No limit: the dispatcher limits the attempts, and a wait for a connection would count as a slow receiver.
    connections: null,
    // Shorter than the usual keep-alive of receivers, so that few requests are sent on a connection that is being closed.
    keepAliveTimeout: 2000,
    keepAliveMaxTimeout: 30_000,
    // One timeout covers the whole attempt; these two would restart with every byte.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  return {
    reusing: createExchangeAgent(connect, { ...options, pipelining: 1 }),
    fresh: createExchangeAgent(connect, { ...options, pipelining: 0 }),
  }
}

function withRexHeaders(request: AttemptRequest, userAgent: string): AttemptRequest {
  return { ...request, headers: { 'Content-Type': 'application/json', 'User-Agent': userAgent, ...request.headers } }
}

type Answer = Pick<AttemptResult, 'outcome' | 'responseBody' | 'inside'>

async function post(agents: Agents, request: AttemptRequest, timeoutMs: number): Promise<Answer> {
  request.signal?.throwIfAborted()
  const end = new AbortController()
  const abort = () => end.abort()
  // AbortSignal.timeout cannot be cleared, and AbortSignal.any leaks if one of its signals outlives the attempts.
  const timer = setTimeout(abort, timeoutMs)
  request.signal?.addEventListener('abort', abort)
  try {
    return await sendAgainIfReset(agents, request, end.signal)
  } finally {
    clearTimeout(timer)
    request.signal?.removeEventListener('abort', abort)
  }
}

/** Sends again on a new connection if a reused one was reset: the receiver may have closed it while it was idle. */
async function sendAgainIfReset(agents: Agents, request: AttemptRequest, end: AbortSignal): Promise<Answer> {
  const first = send(agents.reusing, request, end)
  const ended = await first.ended
  if (end.aborted || !first.isUnansweredOnReused || !isReset(ended.failure)) return answerOf(first, ended, request, end)
  const second = send(agents.fresh, request, end)
  return answerOf(second, await second.ended, request, end)
}

function send(agent: Agent, { url, headers, body }: AttemptRequest, end: AbortSignal): Exchange {
  const exchange = new Exchange()
  // undici handles an abort only once it has a connection; the exchange ends immediately.
  end.addEventListener('abort', () => exchange.abort(end.reason), { once: true })
  const { origin, pathname, search } = new URL(url)
  agent.dispatch({ origin, path: pathname + search, method: 'POST', headers, body }, exchange)
  return exchange
}

function answerOf(exchange: Exchange, ended: Ended, request: AttemptRequest, end: AbortSignal): Answer {
  const { answer, failure } = ended
  const inside = exchange.isInside
  const outcome = answer && outcomeOf(answer)
  // A refusal counts from its status line on; an acceptance needs its whole body before the timeout.
  if (answer && outcome && (failure === undefined || outcome.kind === 'refused'))
    return { outcome, responseBody: storableText(answer.body), inside }
  request.signal?.throwIfAborted()
  const error = end.aborted ? 'TIMEOUT' : attemptErrorOf(failure)
  const detail = [end.aborted ? undefined : codeOf(failure), exchange.statusLine].filter(Boolean).join('; ')
  return { outcome: { kind: 'unreachable', error, ...(detail !== '' && { detail }) }, responseBody: null, inside }
}

function outcomeOf({ status, retryAfter }: NonNullable<Ended['answer']>): Outcome {
  if (status >= 200 && status < 300) return { kind: 'accepted', status }
  return { kind: 'refused', status, error: status < 400 ? 'REDIRECT' : 'HTTP_STATUS', retryAfter }
}

/** Bytes of the response body that are stored. */
const maxStoredBytes = 4096
/** Maximum UTF-8 bytes of one UTF-16 code unit. */
const maxBytesPerUnit = 3

function storableText(bytes: Buffer): string {
  if (bytes.length === 0) return ''
  const text = new TextDecoder().decode(bytes).replaceAll('\0', '\uFFFD')
  if (text.length * maxBytesPerUnit <= maxStoredBytes) return text
  // Replacement characters make the text longer, so it is cut to the limit again, between characters.
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxStoredBytes))
  return text.slice(0, read)
}

/** Errors that the receiver did not cause: the sender was closed, or its request was invalid. */
const senderErrorCodes = ['UND_ERR_DESTROYED', 'UND_ERR_CLOSED', 'UND_ERR_INVALID_ARG', 'ERR_INVALID_URL']

function attemptErrorOf(error: unknown): UnreachableError {
  if (error instanceof ConnectionError) return error.attemptError
  // An error without a code is a bug in Rex.
  if (!(error instanceof Error && 'code' in error) || senderErrorCodes.includes(String(error.code))) throw error
  return 'PROTOCOL'
}

const resetCodes = ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET']

function isReset(error: unknown): boolean {
  return resetCodes.includes(codeOf(error) ?? '')
}

/** Code of an error, or of its cause: never text that the receiver sent. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof ConnectionError) return codeOf(error.cause)
  if (error instanceof errors.HTTPParserError) return parserCodeOf(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^[A-Z\d_]{1,60}$/.test(code) ? code : undefined
}

/** Code of a parser error: undici 8 fails to look it up (key and value are swapped), but its message has llhttp's reason. */
function parserCodeOf({ code, message }: { readonly code?: string; readonly message: string }): string {
  const [, reason] = /\(([\x20-\x7e]{1,80})\)$/.exec(message) ?? []
  return code ?? (reason === undefined ? 'HPE' : `HPE (${reason})`)
}
