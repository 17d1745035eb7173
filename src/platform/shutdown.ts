import { AppError } from './errors.ts'
import type { Log } from './log.ts'
import { databaseShutdownTimeoutMs, withTimeout } from './timeout.ts'

/** In this order: nothing new, what has begun, the listener that told of it, and what all of them spoke through. */
const stages = ['refuse', 'finish', 'close', 'disconnect'] as const
type Stage = (typeof stages)[number]

/** What ends the parts of the service, collected as they start. */
export interface ShutdownHooks {
  /** The parts of a stage are stopped together. `withinMs` is how long it may take, `databaseShutdownTimeoutMs` when left out. */
  add(stage: Stage, part: string, stop: () => Promise<void> | void, withinMs?: number): void
  /**
   * Stops everything, once. What does not end in time, or cannot for want of the database, is left as it is and told in
   * one line. Rejects with the first failure of another kind, after all has been tried.
   */
  run(): Promise<void>
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

  const stopAll = async () => {
    const leftBehind: string[] = []
    const failures: unknown[] = []
    const stopPart = async ({ name, stop, withinMs }: Part) => {
      try {
        await withTimeout(Promise.resolve(stop()), withinMs)
      } catch (error) {
        if (error instanceof AppError && error.code === 'unavailable') leftBehind.push(name)
        else failures.push(error)
      }
    }
    for (const stage of stages) await Promise.all(parts.filter((part) => part.stage === stage).map(stopPart))
    if (leftBehind.length > 0) log.warn({ parts: leftBehind }, 'stop.gave_up')
    if (failures.length > 0) throw failures[0]
  }

  return {
    add: (stage, name, stop, withinMs = databaseShutdownTimeoutMs) => void parts.push({ stage, name, stop, withinMs }),
    run: () => {
      stopped ??= stopAll()
      return stopped
    },
  }
}
