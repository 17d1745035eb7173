import type { ExecutionResult } from 'graphql'
import type { Log } from '../../../platform/log.ts'
import { BroadcastSubscription, batchesOf } from './broadcast-subscription.ts'
import type { Frames } from './frames.ts'
import type { KeptBytes } from './kept-payloads.ts'
import { resultText } from './outgoing-stream.ts'
import { type Payload, payloadOfText } from './text-frames.ts'

/** Streams that all sockets with the same operation and rights share: one is read, and sent to all of them. */
export interface Broadcasts {
  /** Subscribes to the stream of `key`, which is `results` if there is none yet. It yields none, and ends with it. */
  join(stream: Stream, subscriber: Subscriber): BroadcastSubscription
}

interface Stream {
  /** Stands for the operation, the workspace and the rights. */
  readonly key: string
  readonly workspaceId: string
  readonly results: AsyncIterable<ExecutionResult>
}

interface Subscriber {
  /** Id of the operation on its socket. */
  readonly id: string
  readonly frames: Frames
}

export function createBroadcasts(log: Log): Broadcasts {
  const broadcasts = new Map<string, Broadcast>()
  const keptBytes = new Map<string, KeptBytes>()
  const keptOf = (workspaceId: string) => {
    const kept = keptBytes.get(workspaceId) ?? { bytes: 0 }
    keptBytes.set(workspaceId, kept)
    return kept
  }
  return {
    join: (stream, subscriber) => {
      const running = broadcasts.get(stream.key)
      // A stream holds nothing before its first `next`, so the one that is not needed costs nothing.
      if (running !== undefined) endStream(stream.results[Symbol.asyncIterator](), log)
      const onEnd = () => broadcasts.delete(stream.key)
      const broadcast = running ?? startBroadcast(stream.results, { log, onEnd, kept: keptOf(stream.workspaceId) })
      broadcasts.set(stream.key, broadcast)
      return broadcast.join(subscriber)
    },
  }
}

interface Broadcast {
  join(subscriber: Subscriber): BroadcastSubscription
}

interface Parts {
  readonly log: Log
  readonly kept: KeptBytes
  /** Called before the first subscriber is told of the end, or when the last one has left. */
  onEnd(): void
}

function startBroadcast(results: AsyncIterable<ExecutionResult>, { log, kept, onEnd }: Parts): Broadcast {
  const iterator = results[Symbol.asyncIterator]()
  const subscriptions = new Set<BroadcastSubscription>()
  let waiting: Payload[] = []
  let isOver = false

  // The results of one turn of the event loop leave in one write per socket: in a burst that is most of what one costs.
  const flush = () => {
    const batches = batchesOf(waiting)
    waiting = []
    if (batches.length > 0) for (const subscription of subscriptions) subscription.take(batches)
  }
  const send = (result: ExecutionResult) => {
    if (waiting.length === 0) setImmediate(flush)
    waiting.push(payloadOfText(resultText(result, log)))
  }
  const close = () => {
    if (!isOver) onEnd()
    isOver = true
  }
  const finish = (error?: unknown) => {
    flush()
    close()
    for (const subscription of [...subscriptions]) subscription.end(error)
  }
  const run = async () => {
    try {
      for await (const result of { [Symbol.asyncIterator]: () => iterator }) send(result)
      finish()
    } catch (error) {
      finish(error)
    }
  }
  const leave = (subscription: BroadcastSubscription) => {
    if (!subscriptions.delete(subscription) || subscriptions.size > 0 || isOver) return
    close()
    endStream(iterator, log)
  }

  void run()
  return {
    join: ({ id, frames }) => {
      flush() // The new subscriber gets no earlier results.
      const subscription = new BroadcastSubscription({ id, frames, kept, leave })
      subscriptions.add(subscription)
      return subscription
    },
  }
}

function endStream(iterator: AsyncIterator<ExecutionResult>, log: Log): void {
  iterator.return?.().catch((error: unknown) => log.warn({ err: error }, 'graphql.stream_not_ended'))
}
