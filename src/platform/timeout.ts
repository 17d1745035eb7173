import { unavailable } from './errors.ts'

const databaseDeadlineMs = 1900
/** How long a stop tries what needs the database: enough for one that is there; one that is away is not waited for. */
export const databaseShutdownTimeoutMs = 3000

/**
 * What needs the database answers within two seconds or not at all: `unavailable`, whatever hangs. The late outcome of
 * the work is dropped; it may still come to pass, which is why callers who try again send an Idempotency-Key.
 */
export async function withTimeout<Result>(work: Promise<Result>, timeoutMs = databaseDeadlineMs): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable()), timeoutMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** Waits for work to end, however it ends, and for so long at most. */
export async function waitAtMost(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  await withTimeout(work, timeoutMs).catch(() => {}) // Whoever needs the outcome looks at the work itself.
}

/** Waits until all of it has ended, then throws what the first that failed failed with. */
export async function settleAll(works: readonly Promise<unknown>[]): Promise<void> {
  for (const ended of await Promise.allSettled(works)) if (ended.status === 'rejected') throw ended.reason
}
