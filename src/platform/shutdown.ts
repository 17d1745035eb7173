import { AppError } from './errors.ts'
import type { Log } from './log.ts'
import { databaseShutdownTimeoutMs, withTimeout } from './timeout.ts'

/**
 * Order of a shutdown: announce it, stop new work, finish current work, close the listener, then close the connections
 * that all use.
 */
const stages = ['announce', 'refuse', 'finish', 'close', 'disconnect'] as const
/** First stage of a process whose work another one of this node continues. */
const handOver = 'hand over'
type Stage = (typeof stages)[number] | typeof handOver

/** Functions that stop the parts of the service, collected as they start. */
export interface ShutdownHooks {
  /**
   * Adds a part. The parts of a stage stop together. `withinMs` is the time limit, `databaseShutdownTimeoutMs` by
   * default.
   */
  add(stage: Stage, part: string, stop: () => Promise<void> | void, withinMs?: number): void
  /**
   * Stops everything, once. Parts that time out or need an unavailable database are abandoned and logged in one line.
   * Rejects with the first failure of another kind, after all parts were tried.
   */
  run(): Promise<void>
  /** Does the same, with the stage `hand over` instead of `announce`. */
  runHandingOver(): Promise<void>
}

interface Part {
  readonly stage: Stage
  readonly name: string
  readonly withinMs: number
  readonly stop: () => Promise<void> | void
}

export function createShutdownHooks(log: Log): ShutdownHooks {
  const parts: Part[] = []
  let stopped: Promise<void> | undefined

  const stopAll = async (order: readonly Stage[]) => {
    const abandoned: string[] = []
    const failures: unknown[] = []
    const stopPart = async ({ name, stop, withinMs }: Part) => {
      try {
        await withTimeout(Promise.resolve(stop()), withinMs)
      } catch (error) {
        if (error instanceof AppError && error.code === 'unavailable') abandoned.push(name)
        else failures.push(error)
      }
    }
    for (const stage of order) await Promise.all(parts.filter((part) => part.stage === stage).map(stopPart))
    if (abandoned.length > 0) log.warn({ parts: abandoned }, 'shutdown.timed_out')
    if (failures.length > 0) throw failures[0]
  }

  return {
    add: (stage, name, stop, withinMs = databaseShutdownTimeoutMs) => void parts.push({ stage, name, stop, withinMs }),
    run: () => {
      stopped ??= stopAll(stages)
      return stopped
    },
    runHandingOver: () => {
      stopped ??= stopAll([handOver, ...stages.filter((stage) => stage !== 'announce')])
      return stopped
    },
  }
}
