import type { ExecutionResult } from 'graphql'
import type { Log } from '../../../platform/log.ts'
import { BroadcastSubscription } from './broadcast-subscription.ts'
import type { Frames } from './frames.ts'
import { resultText } from './outgoing-stream.ts'
import { type Payload, payloadOfText } from './text-frames.ts'

/** Streams that all sockets with the same operation and rights share: one is read, and sent to all of them. */
export interface Broadcasts {
  /** Subscribes to the stream of `key`, which is `results` if there is none yet. It yields none, and ends with it. */
  join(key: string, results: AsyncIterable<ExecutionResult>, id: string, frames: Frames): BroadcastSubscription
}

export function createBroadcasts(log: Log): Broadcasts {
  const broadcasts = new Map<string, Broadcast>()
  return {
    join: (key, results, id, frames) => {
      const running = broadcasts.get(key)
      // A stream holds nothing before its first `next`, so the one that is not needed costs nothing.
      if (running !== undefined) void results[Symbol.asyncIterator]().return?.()
      const broadcast = running ?? startBroadcast(results, log, () => broadcasts.delete(key))
      broadcasts.set(key, broadcast)
      return broadcast.join(id, frames)
    },
  }
}

interface Broadcast {
  join(id: string, frames: Frames): BroadcastSubscription
}

/** @param onEnd called once, before the first subscriber is told of the end, or when the last one has left */
function startBroadcast(results: AsyncIterable<ExecutionResult>, log: Log, onEnd: () => void): Broadcast {
  const iterator = results[Symbol.asyncIterator]()
  const subscriptions = new Set<BroadcastSubscription>()
  let waiting: Payload[] = []

  // The results of one turn of the event loop leave in one write per socket: in a burst that is most of what one costs.
  const flush = () => {
    const payloads = waiting
    waiting = []
    if (payloads.length === 0) return
    for (const subscription of subscriptions) subscription.take(payloads)
  }
  const send = (result: ExecutionResult) => {
    if (waiting.length === 0) setImmediate(flush)
    waiting.push(payloadOfText(resultText(result, log)))
  }
  const finish = (error?: unknown) => {
    flush()
    onEnd()
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
    if (!subscriptions.delete(subscription) || subscriptions.size > 0) return
    onEnd()
    void iterator.return?.()
  }

  void run()
  return {
    join: (id, frames) => {
      flush() // What came before is not for the new subscriber.
      const subscription = new BroadcastSubscription(id, frames, leave)
      subscriptions.add(subscription)
      return subscription
    },
  }
}
