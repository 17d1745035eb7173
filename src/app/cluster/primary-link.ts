import type { Registry } from 'prom-client'
import type { Consumption } from '../../platform/limits/rate-limit.ts'
import type { Peers } from '../../platform/peers.ts'
import { createCalls } from './calls.ts'
import {
  createOutbox,
  parseMessages,
  type StartParameters,
  type ToPrimary,
  type ToWorker,
  type WorkerRequest,
} from './messages.ts'
import { createSharedSlots } from './shared-slots.ts'
import { type ProcessMetrics, sumUp } from './summed-metrics.ts'

const metricsWithinMs = 3000
const startWithinMs = 30_000

/** Worker's side of the channel to the primary. */
interface PrimaryLink {
  readonly peers: Peers
  askToStart(): Promise<StartParameters>
  reportServing(url: string): void
  /** Sends the last metrics, before the process exits. */
  reportEnd(): Promise<void>
  onStop(callback: (how: 'stop' | 'hand over') => void): void
}

export function linkToPrimary(): PrimaryLink {
  // The process ends with the primary, so an error of the channel needs no handling.
  const send = createOutbox<ToPrimary>((envelope) => process.send?.(envelope, undefined, undefined, () => {}))
  const calls = createCalls<WorkerRequest>(send)
  const slots = createSharedSlots((slot, count) => send({ type: 'held', slot, count }))
  const registries: Registry[] = []
  let allServe = false
  let stop = (_how: 'stop' | 'hand over') => {}
  const ownMetrics = async () => (await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()))).flat()

  const receive = async (message: ToWorker): Promise<void> => {
    switch (message.type) {
      case 'ask':
        return send({ type: 'reply', id: message.id, value: await ownMetrics() })
      case 'reply':
        return calls.receive(message)
      case 'held by peer':
        return slots.setHeld(message.peer, message.slot, message.count)
      case 'peer ended':
        return slots.forget(message.peer)
      case 'node':
        allServe = message.allServe
        return
      case 'stop':
      case 'hand over':
        return stop(message.type)
      default:
        return message satisfies never
    }
  }
  process.on('message', (received) => {
    for (const message of parseMessages<ToWorker>(received)) void receive(message)
  })
  return {
    peers: {
      count: ({ name, rate }, key, points) => calls.ask<Consumption>({ type: 'consume', name, rate, key, points }),
      createSemaphore: slots.createSemaphore,
      times: {
        set: (name, at) => calls.ask({ type: 'set time', name, at }),
        get: (names) => calls.ask<number[]>({ type: 'times', names }),
      },
      get allServe() {
        return allServe
      },
      share: (registry) => void registries.push(registry),
      metrics: async () => sumUp(await calls.ask<ProcessMetrics[]>({ type: 'metrics' }, metricsWithinMs)).metrics(),
    },
    askToStart: () => calls.ask<StartParameters>({ type: 'start' }, startWithinMs),
    reportServing: (url) => send({ type: 'serving', url }),
    reportEnd: async () => {
      const last: ToPrimary = { type: 'last metrics', metrics: await ownMetrics() }
      // Not in the outbox: the process exits in this turn.
      await new Promise<void>((resolve) => process.send?.({ rex: [last] }, undefined, undefined, () => resolve()))
    },
    onStop: (callback) => {
      stop = callback
    },
  }
}
