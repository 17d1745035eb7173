import { setTimeout } from 'node:timers/promises'
import { unavailable } from '../platform/errors.ts'
import { withTimeout } from '../platform/timeout.ts'
import type { Database } from './database.ts'
import { ping } from './ping.ts'

/**
 * The outcome of work, however long it takes while the database answers; `unavailable` within two seconds once it has
 * fallen silent. What the work comes to then is dropped; it may still come to pass.
 */
export type DatabaseWatchdog = <Result>(work: Promise<Result>) => Promise<Result>

const lookEveryMs = 900
const answersWithinMs = 700

/** Whoever waits long asks, all with one statement, whether anything is answered at all. */
export function createDatabaseWatchdog(database: Database): DatabaseWatchdog {
  let asked: Promise<boolean> | undefined
  const answers = () => {
    asked ??= doesAnswer(database).finally(() => {
      asked = undefined
    })
    return asked
  }
  return (work) => {
    const ended = new AbortController()
    return Promise.race([work, untilSilent(answers, ended.signal)]).finally(() => ended.abort())
  }
}

async function untilSilent(answers: () => Promise<boolean>, signal: AbortSignal): Promise<never> {
  for (;;) {
    await setTimeout(lookEveryMs, undefined, { signal })
    if (!(await answers())) throw unavailable()
  }
}

function doesAnswer(database: Database): Promise<boolean> {
  return withTimeout(ping(database), answersWithinMs).then(
    () => true,
    () => false,
  )
}
