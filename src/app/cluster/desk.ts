import cluster, { type Worker } from 'node:cluster'
import { timesInMemory } from '../../platform/shared-times.ts'
import { type Calls, createCalls } from './calls.ts'
import { createHeldSlots } from './held-slots.ts'
import {
  createOutbox,
  type PrimaryRequest,
  parseMessages,
  type StartParameters,
  type ToPrimary,
  type ToWorker,
  type WorkerRequest,
} from './messages.ts'
import { createNodeMetrics } from './node-metrics.ts'
import { createSharedWindows } from './shared-windows.ts'

/** Primary's side of the channels to the workers: it replies to their questions and keeps what they share. */
interface Desk {
  /** Begins to reply; workers that were forked before wait. */
  open(parameters: StartParameters, onServing: (worker: Worker, url: string) => void): void
  send(worker: Worker, type: 'stop' | 'hand over'): void
  setAllServe(allServe: boolean): void
}

/** A worker's channel. */
interface Channel {
  readonly send: (message: ToWorker) => void
  readonly calls: Calls<PrimaryRequest>
}

/** @param keepTimesMs time for which the times that the processes share are kept */
export function createDesk(keepTimesMs: number): Desk {
  const channels = new Map<number, Channel>()
  const windows = createSharedWindows()
  const times = timesInMemory(keepTimesMs)
  const metrics = createNodeMetrics(() => [...channels].map(([id, { calls }]) => ({ id, calls })))
  const slots = createHeldSlots((message, except) => {
    for (const [id, { send }] of channels) if (id !== except) send(message)
  })
  let allServe = false

  const channelOf = (worker: Worker): Channel => {
    const known = channels.get(worker.id)
    if (known !== undefined) return known
    // A worker that has just exited has no channel any more, which its exit reports.
    const send = createOutbox<ToWorker>((envelope) => worker.send(envelope, () => {}))
    const channel = { send, calls: createCalls<PrimaryRequest>(send) }
    channels.set(worker.id, channel)
    for (const held of slots.all()) send(held)
    send({ type: 'node', allServe })
    return channel
  }
  const replyTo = (request: WorkerRequest, parameters: StartParameters): unknown => {
    switch (request.type) {
      case 'start':
        return parameters
      case 'metrics':
        return metrics.collect()
      case 'consume':
        return windows.consume(request)
      case 'set time':
        return times.set(request.name, request.at)
      case 'times':
        return times.get(request.names)
      default:
        return request satisfies never
    }
  }
  return {
    open: (parameters, onServing) => {
      const receive = async (worker: Worker, message: ToPrimary): Promise<void> => {
        const { send, calls } = channelOf(worker)
        switch (message.type) {
          case 'ask':
            return send({ type: 'reply', id: message.id, value: await replyTo(message.request, parameters) })
          case 'reply':
            return calls.receive(message)
          case 'serving':
            return onServing(worker, message.url)
          case 'held':
            return slots.set(worker.id, message.slot, message.count)
          case 'last metrics':
            return metrics.keepLast(worker.id, message.metrics)
          default:
            return message satisfies never
        }
      }
      cluster.on('message', (worker, received) => {
        for (const message of parseMessages<ToPrimary>(received)) void receive(worker, message)
      })
      cluster.on('exit', ({ id }) => {
        channels.delete(id)
        slots.forget(id)
        metrics.forget(id)
      })
    },
    send: (worker, type) => channelOf(worker).send({ type }),
    setAllServe: (now) => {
      allServe = now
      for (const { send } of channels.values()) send({ type: 'node', allServe })
    },
  }
}
