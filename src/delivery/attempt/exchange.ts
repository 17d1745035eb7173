import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { AnswerFilter } from './response-filter.ts'

/** Facts about the current connection of one undici client. */
export interface Line {
  /** Whether one of the addresses that are tried is not public. */
  inside: boolean
  /** Requests that the connection has carried. */
  requests: number
  answer: AnswerFilter | undefined
}

/** How an exchange ended; an answer that was cut off has a failure, too. */
export interface Ended {
  readonly answer: { readonly status: number; readonly retryAfter: string | null; readonly body: Buffer } | undefined
  readonly failure: unknown
}

const keptBytes = 4096

/** An answer counts as complete here, and its connection is closed, so that no receiver makes us read for ever. */
const readBytes = 65_536

/** One request and its answer, as a handler of undici. */
export class Exchange implements Dispatcher.DispatchHandler {
  #line: Line | undefined
  #filter: AnswerFilter | undefined
  #isReused = false
  #controller: Dispatcher.DispatchController | undefined
  #head: { readonly status: number; readonly retryAfter: string | null } | undefined
  readonly #kept: Buffer[] = []
  #readBytes = 0
  #abortReason: Error | undefined
  readonly #ended = Promise.withResolvers<Ended>()

  /** Never rejects. */
  get ended(): Promise<Ended> {
    return this.#ended.promise
  }

  /** Whether an address was tried that is not public. */
  get isInside(): boolean {
    return this.#line?.inside ?? false
  }

  get statusLine(): string | undefined {
    return this.#filter?.statusLine
  }

  /** Whether the request went out on a connection that had carried others, and no byte came back. */
  get isUnansweredOnReused(): boolean {
    return this.#isReused && this.#filter?.hasBegun === false
  }

  /** Ends the exchange, also while there is no connection yet. */
  abort(reason: Error): void {
    this.#abortReason = reason
    this.#end(reason)
    this.#controller?.abort(reason)
  }

  /** Called with the connection that is to carry the request. */
  join(line: Line): void {
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
    if (status === 101) controller.abort(new UnaskedUpgradeError())
    if (status < 200) return
    const [retryAfter = null] = [headers['retry-after'] ?? []].flat()
    this.#head = { status, retryAfter }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#readBytes < keptBytes) this.#kept.push(Buffer.from(chunk.subarray(0, keptBytes - this.#readBytes)))
    this.#readBytes += chunk.length
    if (this.#readBytes < readBytes) return
    this.#end(undefined)
    controller.abort(new Error('The answer is long enough.'))
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

/** RFC 9110, 15.2.2: only a request with `Upgrade` may be answered so. */
class UnaskedUpgradeError extends Error {
  readonly code = 'UNASKED_UPGRADE'

  constructor() {
    super('Expected an answer in HTTP, got 101 Switching Protocols.')
    this.name = 'UnaskedUpgradeError'
  }
}
