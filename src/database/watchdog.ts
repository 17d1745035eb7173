import { setTimeout } from 'node:timers/promises'
import { unavailable } from '../platform/errors.ts'
import { withTimeout } from '../platform/timeout.ts'
import { type Database, ping } from './database.ts'

/**
 * Returns the result of work, without a time limit while the database responds; throws `unavailable` within two seconds
 * after it stops responding. The work's later result is dropped, but the work may still complete.
 */
export type DatabaseWatchdog = <Result>(work: Promise<Result>) => Promise<Result>

const probeIntervalMs = 900
const probeTimeoutMs = 700

/** Creates the watchdog. All waiting calls share one health query. */
export function createDatabaseWatchdog(database: Database): DatabaseWatchdog {
  let probe: Promise<boolean> | undefined
  const isResponding = () => {
    probe ??= respondsInTime(database).finally(() => {
      probe = undefined
    })
    return probe
  }
  return (work) => {
    const ended = new AbortController()
    return Promise.race([work, untilUnresponsive(isResponding, ended.signal)]).finally(() => ended.abort())
  }
}

async function untilUnresponsive(isResponding: () => Promise<boolean>, signal: AbortSignal): Promise<never> {
  for (;;) {
    await setTimeout(probeIntervalMs, undefined, { signal })
    if (!(await isResponding())) throw unavailable()
  }
}

function respondsInTime(database: Database): Promise<boolean> {
  return withTimeout(ping(database), probeTimeoutMs).then(
    () => true,
    () => false,
  )
}
