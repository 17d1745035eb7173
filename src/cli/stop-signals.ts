const exitTimeoutMs = 25_000
/** The time limit includes an announcement of the default length. */
const usualAnnouncementMs = 1000

/** Handlers of SIGTERM and SIGINT. */
export interface StopSignals {
  /**
   * Sets the function that stops the service before the process exits; before that a signal exits at once. An
   * announcement of more than a second extends the time limit.
   */
  stopFirst(stop: () => Promise<void>, announcedMs?: number): void
  /** Stops and exits, as on a signal. */
  end(): void
}

/** Exits the process on a signal: with 0 after a complete stop, with 1 when the stop fails or takes too long. */
export function watchStopSignals(): StopSignals {
  let stop = async () => {}
  let withinMs = exitTimeoutMs
  let isStopping = false
  const end = () => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(1), withinMs).unref()
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
    stopFirst: (next, announcedMs = 0) => {
      stop = next
      withinMs = exitTimeoutMs + Math.max(0, announcedMs - usualAnnouncementMs)
    },
    end,
  }
}
