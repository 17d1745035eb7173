import type { Log } from '../platform/log.ts'

const pollEveryMs = 1000
const pauseAfterFailureMs = 250

/** Polls when woken and at least every second, never twice at the same time, and again at once while there is more. */
export interface PollLoop {
  wake(): void
  /** Resolves when the current poll has ended; none starts afterwards. */
  stop(): Promise<void>
  /** Its name while its last poll failed. */
  readonly failing: string | undefined
}

/**
 * Starts the loop of a reader: `poll` handles one batch and returns whether there may be more. A failure is logged
 * under `name`, and the next poll follows 250 ms later: so a reader resumes within a second after the database is back.
 */
export function startPollLoop(name: string, log: Log, poll: () => Promise<boolean>): PollLoop {
  let stopped = false
  let isFailing = false
  let wakeRequested = true
  let timer: NodeJS.Timeout | undefined
  let signal: () => void = () => {}

  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      if (stopped || (wakeRequested && ms === pollEveryMs)) return resolve()
      timer = setTimeout(resolve, ms)
      signal = resolve
    }).finally(() => clearTimeout(timer))

  const run = async () => {
    while (!stopped) {
      wakeRequested = false
      try {
        while (!stopped && (await poll())) isFailing = false
        isFailing = false
        await sleep(pollEveryMs)
      } catch (error) {
        isFailing = true
        // A failure while stopping is expected: the database may close during a poll.
        if (!stopped) log.warn({ reader: name, err: error }, 'reader.failed')
        await sleep(pauseAfterFailureMs)
      }
    }
  }

  const running = run()
  return {
    wake: () => {
      wakeRequested = true
      signal()
    },
    stop: async () => {
      stopped = true
      signal()
      await running
    },
    get failing() {
      return isFailing ? name : undefined
    },
  }
}
