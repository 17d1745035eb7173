import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { ResponseFilter } from './response-filter.ts'

/** Facts about the current connection of one undici client. */
export interface ConnectionState {
  /** Whether an address that is tried is not public. */
  inside: boolean
  /** Requests that the connection has carried. */
  requests: number
  answer: ResponseFilter | undefined
}

/** End of an exchange; a response that was cut off also has a failure. */
export interface Ended {
  readonly answer: { readonly status: number; readonly retryAfter: string | null; readonly body: Buffer } | undefined
  readonly failure: unknown
}

const maxStoredBytes = 4096

/** Bytes after which a response counts as complete and its connection is closed, so that no read is endless. */
const maxReadBytes = 65_536

/** One request and its response, as a handler for undici. */
export class Exchange implements Dispatcher.DispatchHandler {
  #line: ConnectionState | undefined
  #filter: ResponseFilter | undefined
  #isReused = false
  #controller: Dispatcher.DispatchController | undefined
  #head: { readonly status: number; readonly retryAfter: string | null } | undefined
  readonly #kept: Buffer[] = []
  #maxReadBytes = 0
  #abortReason: Error | undefined
  readonly #ended = Promise.withResolvers<Ended>()

  /** Never rejects. */
  get ended(): Promise<Ended> {
    return this.#ended.promise
  }

  /** Whether a non-public address was tried. */
  get isInside(): boolean {
    return this.#line?.inside ?? false
  }

  get statusLine(): string | undefined {
    return this.#filter?.statusLine
  }

  /** Whether the request was sent on a reused connection and no byte was received. */
  get isUnansweredOnReused(): boolean {
    return this.#isReused && this.#filter?.hasBegun === false
  }

  /** Ends the exchange, even without a connection yet. */
  abort(reason: Error): void {
    this.#abortReason = reason
    this.#end(reason)
    this.#controller?.abort(reason)
  }

  /** Sets the connection that will carry the request. */
  attachConnection(line: ConnectionState): void {
    this.#line = line
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#abortReason !== undefined) controller.abort(this.#abortReason)
    if (this.#abortReason !== undefined || this.#line === undefined) return
    this.#filter = this.#line.answer
    this.#filter?.begin()
    this.#isReused = this.#line.requests > 0
    this.#line.requests += 1
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status === 101) controller.abort(new UnexpectedUpgradeError())
    if (status < 200) return
    const [retryAfter = null] = [headers['retry-after'] ?? []].flat()
    this.#head = { status, retryAfter }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#maxReadBytes < maxStoredBytes)
      this.#kept.push(Buffer.from(chunk.subarray(0, maxStoredBytes - this.#maxReadBytes)))
    this.#maxReadBytes += chunk.length
    if (this.#maxReadBytes < maxReadBytes) return
    this.#end(undefined)
    controller.abort(new Error(`Stopped reading the response after ${maxReadBytes} bytes.`))
  }

  onResponseEnd(): void {
    this.#end(undefined)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(error)
  }

  #end(failure: unknown): void {
    const body = Buffer.concat(this.#kept)
    this.#ended.resolve({ answer: this.#head && { ...this.#head, body }, failure })
  }
}

/** RFC 9110, 15.2.2: 101 is only allowed in response to a request with `Upgrade`. */
class UnexpectedUpgradeError extends Error {
  readonly code = 'UNASKED_UPGRADE'

  constructor() {
    super('Expected an HTTP response, got 101 Switching Protocols.')
    this.name = 'UnexpectedUpgradeError'
  }
}
