import type { ShutdownHooks } from '../platform/shutdown.ts'
import { waitAtMost } from '../platform/timeout.ts'

/** Result of App.start(). */
export interface Started {
  /** Address it listens on, such as `http://127.0.0.1:4000`. */
  readonly url: string
  readonly databaseLocation: string
  /** First API key, when this start has created it. It is shown only once. */
  readonly generatedKey: string | undefined
  /** Creates a link to the dashboard that signs in once, within a minute; undefined for a worker. */
  createSignInUrl(): Promise<string | undefined>
}

export interface App {
  /** @throws StartStoppedError when it is stopped during the start */
  start(): Promise<Started>
  /** Rejects new work, finishes current work and releases the leases of attempts. May be called during a start. */
  stop(): Promise<void>
}

/** Thrown when the app is stopped before it has started. */
export class StartStoppedError extends Error {}

/** Maximum time that a stop waits for a step of the start, such as a migration, before it closes the database. */
const startStepTimeoutMs = 5000

/**
 * Makes an app of its start and the hooks that the start adds. The start calls its parameter between its steps, which
 * throws when the app was stopped meanwhile.
 */
export function createStartable(
  shutdown: ShutdownHooks,
  startAll: (throwIfStopping: () => void) => Promise<Started>,
): App & { handOver(): Promise<void> } {
  let isStopping = false
  let starting: Promise<Started> | undefined
  const throwIfStopping = () => {
    if (isStopping) throw new StartStoppedError()
  }
  const start = async (): Promise<Started> => {
    try {
      return await startAll(throwIfStopping)
    } catch (error) {
      if (isStopping) throw new StartStoppedError('It was stopped before it had started.', { cause: error })
      await shutdown.run()
      throw error
    }
  }
  const stopBy = async (run: () => Promise<void>) => {
    isStopping = true
    if (starting !== undefined) await waitAtMost(starting, startStepTimeoutMs)
    await run()
  }
  return {
    start: () => {
      starting = start()
      return starting
    },
    stop: () => stopBy(shutdown.run),
    handOver: () => stopBy(shutdown.runHandingOver),
  }
}
