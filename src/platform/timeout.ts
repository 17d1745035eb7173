import { unavailable } from './errors.ts'

const databaseDeadlineMs = 1900
/**
 * Time limit of a shutdown for work that needs the database: enough when the database responds, and short when it does
 * not.
 */
export const databaseShutdownTimeoutMs = 3000
/**
 * Time limit of a shutdown for a part that finishes its current work. Attempts and requests have shorter limits of
 * their own.
 */
export const finishTimeoutMs = 20_500

/**
 * Returns the result of work that needs the database, or throws `unavailable` after two seconds. The work's later
 * result is dropped, but the work may still complete: callers who retry therefore send an Idempotency-Key.
 */
export async function withTimeout<Result>(work: Promise<Result>, timeoutMs = databaseDeadlineMs): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable()), timeoutMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** Waits until work has succeeded or failed, at most for the timeout. */
export async function waitAtMost(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  await withTimeout(work, timeoutMs).catch(() => {}) // Callers that need the result await the work itself.
}

/** Waits until all works have ended, then throws the error of the first failed one. */
export async function settleAll(works: readonly Promise<unknown>[]): Promise<void> {
  for (const ended of await Promise.allSettled(works)) if (ended.status === 'rejected') throw ended.reason
}
