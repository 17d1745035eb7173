import { bufferLimits, SlowSubscriberError } from '../../../events/bounded-buffer.ts'
import type { Frames } from './frames.ts'
import { framesOf, type Payload } from './text-frames.ts'

const done = { done: true, value: undefined } as const

/**
 * A socket's part of a broadcast. For graphql-ws it is a stream that yields nothing and ends: by `return`, with the
 * broadcast, or with SlowSubscriberError when its client does not read. A class, since thousands of them wait: its
 * functions exist once.
 */
export class BroadcastSubscription implements AsyncIterableIterator<never, undefined> {
  readonly #id: string
  readonly #frames: Frames
  readonly #leave: (subscription: BroadcastSubscription) => void
  /** What waits while the client reads what it was sent before; undefined while it keeps up. */
  #queue: Payload[] | undefined
  #queuedBytes = 0
  #end: { readonly error: unknown } | undefined
  #awaited: PromiseWithResolvers<IteratorReturnResult<undefined>> | undefined

  constructor(id: string, frames: Frames, leave: (subscription: BroadcastSubscription) => void) {
    this.#id = id
    this.#frames = frames
    this.#leave = leave
  }

  /** Sends the payloads at once, or keeps them, up to a limit, until the client has read. */
  take(payloads: readonly Payload[]): void {
    if (this.#end !== undefined) return
    if (this.#queue === undefined) this.#send(payloads)
    else this.#keep(payloads)
  }

  /** Without an error it completes the operation. */
  end(error?: unknown): void {
    if (this.#end !== undefined) return
    this.#end = { error }
    this.#queue = undefined
    this.#leave(this)
    if (error === undefined) this.#awaited?.resolve(done)
    else this.#awaited?.reject(error)
  }

  next(): Promise<IteratorReturnResult<undefined>> {
    if (this.#end?.error !== undefined) return Promise.reject(this.#end.error)
    if (this.#end !== undefined) return Promise.resolve(done)
    this.#awaited ??= Promise.withResolvers()
    return this.#awaited.promise
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.end()
    return Promise.resolve(done)
  }

  throw(error: unknown): Promise<never> {
    this.end()
    return Promise.reject(error)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #send(payloads: readonly Payload[]): void {
    const sent = this.#frames.write(framesOf(this.#id, payloads))
    if (sent === undefined) return
    this.#queue = []
    this.#queuedBytes = 0
    sent.then(
      () => this.#sendKept(),
      (error: unknown) => this.end(error),
    )
  }

  #sendKept(): void {
    const payloads = this.#queue
    this.#queue = undefined
    if (payloads !== undefined && payloads.length > 0) this.#send(payloads)
  }

  /** The payloads are shared by all who wait for them: what a slow subscriber holds by itself is a list. */
  #keep(payloads: readonly Payload[]): void {
    const queue = this.#queue ?? []
    queue.push(...payloads)
    for (const payload of payloads) this.#queuedBytes += payload.length
    if (queue.length > bufferLimits.items || this.#queuedBytes > bufferLimits.bytes) this.end(new SlowSubscriberError())
  }
}
