import { readFacts } from '../../../app/read-facts.ts'
import type { Database } from '../../../database/database.ts'
import { sizeOf } from '../transfer/copy-progress.ts'
import { type Check, fail, ok, warn } from './check.ts'

type Facts = Awaited<ReturnType<typeof readFacts>>

const maxEvents = 10_000
const maxLateSeconds = 120
const moreWorkers = 'Start a process with REX_ROLE all or worker, or another one; see /metrics for its speed.'

/** Checks by the facts of the status page whether the work of the service keeps up, and what waits for people. */
export async function checkWork(database: Database): Promise<Check[]> {
  const facts = await readFacts(database)
  return [checkLag(facts), checkDue(facts), checkStates(facts), checkHeld(facts), checkStorage(facts)]
}

function checkLag({ readers, eventLogPosition }: Facts): Check {
  const name = 'event log'
  if (readers === undefined) return unread(name)
  const behind = readers.map(({ reader, lagEvents }) => `${reader} ${lagEvents}`).join(', ')
  const detail = `position ${eventLogPosition ?? 0}; events that its readers have not read: ${behind}`
  return readers.every(({ lagEvents }) => lagEvents <= maxEvents) ? ok(name, detail) : warn(name, detail, moreWorkers)
}

function checkDue({ deliveries }: Facts): Check {
  const name = 'deliveries'
  if (deliveries === undefined) return unread(name)
  const { due, oldestDueSeconds } = deliveries
  if (due === 0) return ok(name, 'none is due')
  const detail = `${due} are due, the oldest for ${Math.round(oldestDueSeconds)} s`
  return oldestDueSeconds <= maxLateSeconds ? ok(name, detail) : warn(name, detail, moreWorkers)
}

function checkStates({ endpoints }: Facts): Check {
  const name = 'webhook states'
  if (endpoints === undefined) return unread(name)
  const failing = (endpoints.get('failing') ?? 0) + (endpoints.get('auto_disabled') ?? 0)
  const detail = countsText(endpoints) || 'there is no endpoint'
  return failing === 0
    ? ok(name, detail)
    : warn(name, detail, 'See the deliveries of those that fail: their receivers refuse.')
}

function checkHeld({ held }: Facts): Check {
  const name = 'held submissions'
  return held === undefined ? unread(name) : ok(name, countsText(held) || 'none')
}

function checkStorage({ tableBytes }: Facts): Check {
  const name = 'storage'
  if (tableBytes === undefined) return unread(name)
  const largest = [...tableBytes].sort(([, one], [, other]) => other - one).slice(0, 3)
  return ok(name, `the largest tables: ${largest.map(([table, bytes]) => `${table} ${sizeOf(bytes)}`).join(', ')}`)
}

function countsText(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([state, count]) => `${state} ${count}`).join(', ')
}

function unread(name: string): Check {
  return fail(name, 'could not be read within a second', 'Look at the load and the locks of the database.')
}
