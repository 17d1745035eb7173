const exitTimeoutMs = 25_000

/** Handlers of SIGTERM and SIGINT. */
export interface StopSignals {
  /** Sets the function that stops the service before the process exits; before that a signal exits at once. */
  stopFirst(stop: () => Promise<void>): void
}

/** Exits the process on a signal: with 0 after a complete stop, with 1 when the stop fails or takes too long. */
export function watchStopSignals(): StopSignals {
  let stop = async () => {}
  let isStopping = false
  const end = () => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(1), exitTimeoutMs).unref()
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
