import type { Log } from '../platform/log.ts'

const pollEveryMs = 1000
const pauseAfterFailureMs = 250

/** Runs when woken, at the latest every second, never twice at once; again at once while there is more. */
export interface ReadingLoop {
  wake(): void
  /** Resolves when the round under way has ended; none begins after. */
  stop(): Promise<void>
}

/**
 * The loop of every reader: `round` does one batch and answers whether there may be more. A failure is logged under
 * `name`, and the next round comes a little later: a database that is away is met again within a second of its return.
 */
export function startReadingLoop(name: string, log: Log, round: () => Promise<boolean>): ReadingLoop {
  let stopped = false
  let wanted = true
  let timer: NodeJS.Timeout | undefined
  let signal: () => void = () => {}

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      if (stopped || (wanted && ms === pollEveryMs)) return resolve()
      timer = setTimeout(resolve, ms)
      signal = resolve
    }).finally(() => clearTimeout(timer))

  const run = async () => {
    while (!stopped) {
      wanted = false
      try {
        while (!stopped && (await round()));
        await pause(pollEveryMs)
      } catch (error) {
        // Once it stops, the database may be taken from under a round.
        if (!stopped) log.warn({ reader: name, err: error }, 'reader.failed')
        await pause(pauseAfterFailureMs)
      }
    }
  }

  const running = run()
  return {
    wake: () => {
      wanted = true
      signal()
    },
    stop: async () => {
      stopped = true
      signal()
      await running
    },
  }
}
