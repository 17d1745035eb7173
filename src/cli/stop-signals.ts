const exitWithinMs = 25_000

/** SIGTERM and SIGINT, from now on. */
export interface StopSignals {
  /** What a signal stops before the process exits; until then there is nothing to stop. */
  stopFirst(stop: () => Promise<void>): void
}

/** Ends the process on a signal: with 0 when all has stopped, with 1 when it failed to or took too long. */
export function watchStopSignals(): StopSignals {
  let stop = async () => {}
  let isStopping = false
  const end = () => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(1), exitWithinMs).unref()
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  return {
    stopFirst: (next) => {
      stop = next
    },
  }
}
