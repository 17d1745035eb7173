import { Agent, type Dispatcher } from 'undici'
import type { AddressGuard } from './address-guard.ts'
import { ConnectionError, createGuardedConnector } from './guarded-connect.ts'

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
      /** Why, in a line. */
      readonly detail?: string
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
  const agent = createAgent(createGuardedConnector({ guard, connectTimeoutMs, nameServers }))

  const attempt = async (request: AttemptRequest): Promise<AttemptResult> => {
    const startedAt = new Date()
    const start = performance.now()
    const answer = await post(agent, withRexHeaders(request, userAgent), timeoutMs)
    return { ...answer, startedAt, durationMs: Math.round(performance.now() - start) }
  }

  return { attempt, close: () => agent.destroy() }
}

function createAgent(connect: NonNullable<Agent.Options['connect']>): Agent {
  return new Agent({
    connect,
    allowH2: false,
    // As many as attempts run, which the dispatcher limits: waiting for a connection would count as a slow receiver.
    connections: null,
    pipelining: 1,
    // Shorter than what receivers usually wait before they close an idle connection, so that few requests meet the close.
    keepAliveTimeout: 2000,
    keepAliveMaxTimeout: 30_000,
    // One deadline governs the whole attempt: these two would start anew with every byte.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

function withRexHeaders(request: AttemptRequest, userAgent: string): AttemptRequest {
  return { ...request, headers: { 'Content-Type': 'application/json', 'User-Agent': userAgent, ...request.headers } }
}

type Answer = Pick<AttemptResult, 'outcome' | 'responseBody'>

async function post(agent: Agent, request: AttemptRequest, timeoutMs: number): Promise<Answer> {
  request.signal?.throwIfAborted()
  const end = new AbortController()
  const abort = () => end.abort()
  // By hand: AbortSignal.timeout cannot be stopped, and AbortSignal.any leaks under a signal that outlives attempts.
  const timer = setTimeout(abort, timeoutMs)
  request.signal?.addEventListener('abort', abort)
  try {
    return await exchange(agent, request, end.signal)
  } catch (error) {
    request.signal?.throwIfAborted()
    return unreachable(end.signal.aborted ? 'TIMEOUT' : attemptErrorOf(error))
  } finally {
    clearTimeout(timer)
    request.signal?.removeEventListener('abort', abort)
  }
}

async function exchange(agent: Agent, request: AttemptRequest, signal: AbortSignal): Promise<Answer> {
  const answer = await Promise.race([startRequest(agent, request, signal), rejectionOf(signal)])
  const outcome = outcomeOf(answer)
  const received = await readBody(answer.body)
  // A refusal stands with its status line, an acceptance needs its body in time.
  if (received.failure !== undefined && outcome.kind === 'accepted') throw received.failure
  return { outcome, responseBody: storableText(received.bytes) }
}

function startRequest(
  agent: Agent,
  { url, headers, body }: AttemptRequest,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = new URL(url)
  return agent.request({ origin, path: pathname + search, method: 'POST', headers, body, signal })
}

/** undici hears of an abort only once it has a connection, so that the time before is kept by this. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function outcomeOf({ statusCode: status, headers }: Dispatcher.ResponseData): Outcome {
  if (status >= 200 && status < 300) return { kind: 'accepted', status }
  const [retryAfter = null] = [headers['retry-after'] ?? []].flat()
  return { kind: 'refused', status, error: status < 400 ? 'REDIRECT' : 'HTTP_STATUS', retryAfter }
}

const keptBytes = 4096

/** Where an answer counts as complete and its connection is closed, so that nobody can make us read for ever. */
const readBytes = 65_536

async function readBody(body: AsyncIterable<Buffer>): Promise<{ bytes: Buffer; failure?: unknown }> {
  const kept: Buffer[] = []
  let total = 0
  try {
    for await (const chunk of body) {
      if (total < keptBytes) kept.push(chunk.subarray(0, keptBytes - total))
      total += chunk.length
      if (total >= readBytes) break
    }
    return { bytes: Buffer.concat(kept) }
  } catch (failure) {
    return { bytes: Buffer.concat(kept), failure }
  }
}

function storableText(bytes: Buffer): string {
  const text = new TextDecoder().decode(bytes).replaceAll('\0', '\uFFFD')
  // Replacing makes the text longer again; what is stored stays within the limit, in whole characters.
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(keptBytes))
  return text.slice(0, read)
}

function unreachable(error: UnreachableError): Answer {
  return { outcome: { kind: 'unreachable', error }, responseBody: null }
}

/** Not the receiver's doing: the sender was closed, or was given what is no request. */
const ownCodes = ['UND_ERR_DESTROYED', 'UND_ERR_CLOSED', 'UND_ERR_INVALID_ARG', 'ERR_INVALID_URL']

function attemptErrorOf(error: unknown): UnreachableError {
  if (error instanceof ConnectionError) return error.attemptError
  // An error without a code is a bug of ours.
  if (!(error instanceof Error && 'code' in error) || ownCodes.includes(String(error.code))) throw error
  return 'PROTOCOL'
}
