import { type Agent, errors } from 'undici'
import type { AddressGuard } from '../network/address-guard.ts'
import { ConnectionError, createGuardedConnect, type GuardedConnect } from '../network/guarded-connect.ts'
import { type Ended, Exchange } from './exchange.ts'
import { createLineAgent } from './exchange-agent.ts'

type UnreachableError = 'DNS' | 'CONNECT' | 'TLS' | 'TIMEOUT' | 'BLOCKED_ADDRESS' | 'PROTOCOL'

/** What came of one attempt; the errors are the contract's `AttemptError`s. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly status: number }
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly error: 'HTTP_STATUS' | 'REDIRECT'
      /** The `Retry-After` header as it came. */
      readonly retryAfter: string | null
    }
  | {
      readonly kind: 'unreachable'
      readonly error: UnreachableError
      /** Why, in a line: a code of the parser, of TLS or of the system, then the status line that was seen. */
      readonly detail?: string | undefined
    }

export interface AttemptRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Gives the attempt up: it rejects with the signal's reason, since nothing is known of the receiver then. */
  readonly signal?: AbortSignal | undefined
}

export interface AttemptResult {
  readonly outcome: Outcome
  readonly startedAt: Date
  readonly durationMs: number
  /** At most 4 KiB of text that PostgreSQL can store; null when there was no answer. */
  readonly responseBody: string | null
  /** Whether an address was tried that is not public: keys without ADMIN learn nothing of what it answered. */
  readonly inside: boolean
}

export interface Sender {
  /** One POST. What a receiver or the network does is an outcome, never an error. */
  attempt(request: AttemptRequest): Promise<AttemptResult>
  /** Ends all connections; attempts that still run reject. */
  close(): Promise<void>
}

export interface SenderOptions {
  readonly guard: AddressGuard
  /** Of the whole attempt: name resolution, connection, headers and body. */
  readonly timeoutMs: number
  readonly connectTimeoutMs?: number | undefined
  /** `Rex/<version>` */
  readonly userAgent: string
  /** `address:port` of the name servers; those of the machine when left out. */
  readonly nameServers?: readonly string[] | undefined
}

export function createSender(options: SenderOptions): Sender {
  const { guard, timeoutMs, connectTimeoutMs = 3000, userAgent, nameServers } = options
  const agents = createAgents(createGuardedConnect({ guard, connectTimeoutMs, nameServers }))

  const attempt = async (request: AttemptRequest): Promise<AttemptResult> => {
    const startedAt = new Date()
    const start = performance.now()
    const answer = await post(agents, withRexHeaders(request, userAgent), timeoutMs)
    return { ...answer, startedAt, durationMs: Math.round(performance.now() - start) }
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
    // As many as attempts run, which the dispatcher limits: waiting for a connection would count as a slow receiver.
    connections: null,
    // Shorter than what receivers usually wait before they close an idle connection, so that few requests meet the close.
    keepAliveTimeout: 2000,
    keepAliveMaxTimeout: 30_000,
    // One deadline governs the whole attempt: these two would start anew with every byte.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  return {
    reusing: createLineAgent(connect, { ...options, pipelining: 1 }),
    fresh: createLineAgent(connect, { ...options, pipelining: 0 }),
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
  // By hand: AbortSignal.timeout cannot be stopped, and AbortSignal.any leaks under a signal that outlives attempts.
  const timer = setTimeout(abort, timeoutMs)
  request.signal?.addEventListener('abort', abort)
  try {
    return await sendTwiceIfReset(agents, request, end.signal)
  } finally {
    clearTimeout(timer)
    request.signal?.removeEventListener('abort', abort)
  }
}

/** The receiver may close an idle connection just when it is used again: that says nothing about the receiver. */
async function sendTwiceIfReset(agents: Agents, request: AttemptRequest, end: AbortSignal): Promise<Answer> {
  const first = send(agents.reusing, request, end)
  const ended = await first.ended
  if (end.aborted || !first.isUnansweredOnReused || !isReset(ended.failure)) return answerOf(first, ended, request, end)
  const second = send(agents.fresh, request, end)
  return answerOf(second, await second.ended, request, end)
}

function send(agent: Agent, { url, headers, body }: AttemptRequest, end: AbortSignal): Exchange {
  const exchange = new Exchange()
  // undici learns about an abort only once it has a connection; the exchange ends at once.
  end.addEventListener('abort', () => exchange.abort(end.reason), { once: true })
  const { origin, pathname, search } = new URL(url)
  agent.dispatch({ origin, path: pathname + search, method: 'POST', headers, body }, exchange)
  return exchange
}

function answerOf(exchange: Exchange, ended: Ended, request: AttemptRequest, end: AbortSignal): Answer {
  const { answer, failure } = ended
  const inside = exchange.isInside
  const outcome = answer && outcomeOf(answer)
  // A refusal stands with its status line, an acceptance needs its body in time.
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

/** Bytes that are stored. */
const keptBytes = 4096

function storableText(bytes: Buffer): string {
  const text = new TextDecoder().decode(bytes).replaceAll('\0', '\uFFFD')
  // Replacing makes the text longer again; what is stored stays within the limit, in whole characters.
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(keptBytes))
  return text.slice(0, read)
}

/** Not the receiver's doing: the sender was closed, or was given what is no request. */
const ownCodes = ['UND_ERR_DESTROYED', 'UND_ERR_CLOSED', 'UND_ERR_INVALID_ARG', 'ERR_INVALID_URL']

function attemptErrorOf(error: unknown): UnreachableError {
  if (error instanceof ConnectionError) return error.attemptError
  // An error without a code is a bug of ours.
  if (!(error instanceof Error && 'code' in error) || ownCodes.includes(String(error.code))) throw error
  return 'PROTOCOL'
}

const resetCodes = ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET']

function isReset(error: unknown): boolean {
  return resetCodes.includes(codeOf(error) ?? '')
}

/** Code of an error, or of its cause: none of these hold words of the receiver. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof ConnectionError) return codeOf(error.cause)
  if (error instanceof errors.HTTPParserError) return parserCodeOf(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^[A-Z\d_]{1,60}$/.test(code) ? code : undefined
}

/** undici 8 looks its codes up the wrong way around and finds none; the reason of llhttp is in the message. */
function parserCodeOf({ code, message }: { readonly code?: string; readonly message: string }): string {
  const [, reason] = /\(([\x20-\x7e]{1,80})\)$/.exec(message) ?? []
  return code ?? (reason === undefined ? 'HPE' : `HPE (${reason})`)
}
