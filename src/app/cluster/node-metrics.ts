import type { Calls } from './calls.ts'
import type { PrimaryRequest } from './messages.ts'
import { type ProcessMetrics, sumUp } from './summed-metrics.ts'

const collectWithinMs = 2000

/** Metrics of all processes, with what those that ended have counted. */
interface NodeMetrics {
  /** Returns the metrics of each process, without those that do not respond in time. */
  collect(): Promise<ProcessMetrics[]>
  keepLast(process: number, metrics: unknown): void
  forget(process: number): void
}

interface Process {
  readonly id: number
  readonly calls: Calls<PrimaryRequest>
}

/** Keeps the last metrics of each process: a sum that falls when a process ends would look like a restart of the node. */
export function createNodeMetrics(processes: () => readonly Process[]): NodeMetrics {
  const last = new Map<number, ProcessMetrics>()
  let ended: Promise<ProcessMetrics> = Promise.resolve([])
  const collectFrom = async ({ id, calls }: Process) => {
    const metrics = await calls.ask<ProcessMetrics>({ type: 'metrics' }, collectWithinMs)
    last.set(id, metrics)
    return metrics
  }
  return {
    collect: async () => {
      const collected = await Promise.allSettled(processes().map(collectFrom))
      const live = collected.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      return [...live, await ended]
    },
    keepLast: (process, metrics) => void last.set(process, parseMetrics(metrics)),
    forget: (process) => {
      const gone = last.get(process)
      last.delete(process)
      if (gone !== undefined) ended = ended.then((before) => sumUp([before, gone.filter(isCounted)]).getMetricsAsJSON())
    },
  }
}

/** Returns whether a metric only grows, unlike a gauge, which says nothing about a process that ended. */
function isCounted({ type }: ProcessMetrics[number]): boolean {
  return String(type) === 'counter' || String(type) === 'histogram'
}

/** Trusts the metrics: both ends run the same code. */
function parseMetrics(received: unknown): ProcessMetrics {
  return received as ProcessMetrics
}
