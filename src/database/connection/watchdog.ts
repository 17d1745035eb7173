import { unavailable } from '../../platform/errors.ts'
import { withTimeout } from '../../platform/timeout.ts'
import { type Database, ping } from '../database.ts'

/**
 * Returns the result of work, without a time limit while the database responds; throws `unavailable` within two seconds
 * after it stops responding. The work's later result is dropped, but the work may still complete.
 */
export type DatabaseWatchdog = <Result>(work: Promise<Result>) => Promise<Result>

const probeIntervalMs = 900
const probeTimeoutMs = 700

interface Waiting {
  reject(error: Error): void
}

/** Creates the watchdog. All waiting calls share one timer and one health query. */
export function createDatabaseWatchdog(database: Database): DatabaseWatchdog {
  const waiting = new Set<Waiting>()
  let isProbing = false

  const probe = async () => {
    if (waiting.size === 0) {
      isProbing = false
      return
    }
    const probed = [...waiting]
    if (!(await respondsInTime(database))) for (const each of probed) each.reject(unavailable())
    setTimeout(() => void probe(), probeIntervalMs).unref()
  }
  const startProbing = () => {
    if (isProbing) return
    isProbing = true
    setTimeout(() => void probe(), probeIntervalMs).unref()
  }

  return (work) =>
    new Promise((resolve, reject) => {
      const each = { reject }
      waiting.add(each)
      startProbing()
      const remove = () => void waiting.delete(each)
      work.then(resolve, reject).finally(remove)
    })
}

function respondsInTime(database: Database): Promise<boolean> {
  return withTimeout(ping(database), probeTimeoutMs).then(
    () => true,
    () => false,
  )
}
