import { unavailable } from './errors.ts'

const databaseDeadlineMs = 1900

/**
 * What needs the database answers within two seconds or not at all: `unavailable`, whatever hangs. The late outcome of
 * the work is dropped; it may still come to pass, which is why callers who try again send an Idempotency-Key.
 */
export async function withinDeadline<Result>(work: Promise<Result>, timeoutMs = databaseDeadlineMs): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable()), timeoutMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
