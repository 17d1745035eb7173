import { setTimeout } from 'node:timers/promises'
import type { Log } from './log.ts'

const tenMinutesMs = 600_000
const pauseMs = 50

/** Deletes one small batch of old rows, and returns whether more may be left. */
export type Prune = () => Promise<boolean>

/** Deletes old rows every ten minutes, or every `everyMs`, in small batches with pauses that limit the load. */
export function startRetentionJob(
  prunes: readonly Prune[],
  log: Log,
  everyMs = tenMinutesMs,
): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const pause = (ms: number) => setTimeout(ms, undefined, { signal: stopping.signal }).catch(() => {}) // Woken to stop.

  const pruneAll = async () => {
    for (const prune of prunes) while (!stopping.signal.aborted && (await prune())) await pause(pauseMs)
  }
  const run = async () => {
    while (!stopping.signal.aborted) {
      await pruneAll().catch((error: unknown) => log.warn({ err: error }, 'retention.failed'))
      await pause(everyMs)
    }
  }

  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
