import { SlowSubscriberError } from '../../../events/bounded-buffer.ts'
import type { Frames } from './frames.ts'
import { type KeptBytes, KeptPayloads } from './kept-payloads.ts'
import { framesOf, type Payload } from './text-frames.ts'

const done = { done: true, value: undefined } as const

/** The one who subscribes, and the broadcast that it leaves. */
interface Parts {
  readonly id: string
  readonly frames: Frames
  readonly kept: KeptBytes
  leave(subscription: BroadcastSubscription): void
}

/**
 * A socket's part of a broadcast. For graphql-ws it is a stream that yields nothing and ends: by `return`, with the
 * broadcast, or with SlowSubscriberError when its client does not read. A class, since thousands of them wait: its
 * functions exist once.
 */
export class BroadcastSubscription implements AsyncIterableIterator<never, undefined> {
  readonly #id: string
  readonly #frames: Frames
  readonly #kept: KeptBytes
  readonly #leave: (subscription: BroadcastSubscription) => void
  /** Messages that wait until the client has read the earlier ones; undefined while it keeps up. */
  #waiting: KeptPayloads | undefined
  #end: { readonly error: unknown } | undefined
  #awaited: PromiseWithResolvers<IteratorReturnResult<undefined>> | undefined

  constructor({ id, frames, kept, leave }: Parts) {
    this.#id = id
    this.#frames = frames
    this.#kept = kept
    this.#leave = leave
  }

  /**
   * Sends the payloads, or keeps them, up to a limit, until the client has read.
   * @param batches the payloads, in pieces of which each is one write
   */
  take(batches: readonly (readonly Payload[])[]): void {
    for (const batch of batches) {
      if (this.#end !== undefined) return
      if (this.#waiting === undefined) this.#send(batch)
      else this.#keep(this.#waiting, batch)
    }
  }

  /** Without an error it completes the operation. */
  end(error?: unknown): void {
    if (this.#end !== undefined) return
    this.#end = { error }
    this.#waiting?.takeAll()
    this.#waiting = undefined
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

  #send(batch: readonly Payload[]): void {
    const sent = this.#frames.write(framesOf(this.#id, batch))
    if (sent === undefined) return
    this.#waiting = new KeptPayloads(this.#kept)
    sent.then(
      () => this.#sendKept(),
      (error: unknown) => this.end(error),
    )
  }

  #keep(waiting: KeptPayloads, batch: readonly Payload[]): void {
    if (!batch.every((payload) => waiting.add(payload))) this.end(new SlowSubscriberError())
  }

  #sendKept(): void {
    const payloads = this.#waiting?.takeAll() ?? []
    this.#waiting = undefined
    this.take(batchesOf(payloads))
  }
}

const maxBatchBytes = 64 * 1024

/** Splits payloads so that a write is of 64 KiB, or of a single larger payload: a client may stop reading at each. */
export function batchesOf(payloads: readonly Payload[]): readonly (readonly Payload[])[] {
  const batches: Payload[][] = []
  let batch: Payload[] = []
  let bytes = 0
  for (const payload of payloads) {
    bytes += payload.bytes.length
    if (batch.length === 0 || bytes > maxBatchBytes) {
      batch = []
      batches.push(batch)
      bytes = payload.bytes.length
    }
    batch.push(payload)
  }
  return batches
}
