import { existsSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { countLeased, createEndpoint, graceMs, type Look, openLook, ownDatabase, startRex } from './fault-parts.ts'
import { expectKept, sized } from './fault-report.ts'
import { captureAll, openLedger } from './ledger.ts'

const api = { REX_ROLE: 'api' }
const worker = { REX_ROLE: 'worker' }
/** On a busy machine no attempt is to end by its time limit. */
const patient = { REX_LEASE_MS: '60000', REX_ATTEMPT_TIMEOUT_MS: '30000' }

/** Long enough to be stopped amid its attempts. */
const stoppable = { REX_LEASE_MS: '4000', REX_ATTEMPT_TIMEOUT_MS: '3500' }
/** A worker that is stopped amid a transaction holds its locks until PostgreSQL ends its session. */
const idleTransactionMs = 15_000

/** Of Debian's package libfaketime. */
const fakeTime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
const twoHoursOff = { LD_PRELOAD: fakeTime, FAKETIME: '+2h', FAKETIME_DONT_FAKE_MONOTONIC: '1' }

describe('workers', () => {
  it('that are stopped past their lease settle nothing once they go on', async (context) => {
    const captures = sized({ short: 30, whole: 500 })
    const own = await ownDatabase()
    const look = await openLook(own)
    const held: ServerResponse[] = []
    let holds = true
    const ledger = await openLedger((_webhook, response) => {
      if (holds) held.push(response)
      else response.end()
    })
    const door = await startRex(own, api)
    await createEndpoint(door, ledger.receiver.url, 10)
    await captureAll(door.url, ledger, captures)
    const stopped = await startRex(own, { ...worker, ...stoppable, LOG_LEVEL: 'info' })
    await eventually(
      async () => held.length === 10 && (await isQuiet(look)),
      () => `${held.length} in flight`,
    )
    void stopped.signal('SIGSTOP')
    const stoppedAt = performance.now()
    const allowedDuplicates = await countLeased(own)
    holds = false
    for (const response of held) response.end()
    await startRex(own, { ...worker, ...stoppable })
    const isDone = async () => (await look(`select from delivery where status <> 'SUCCEEDED'`)).length === 0
    await eventually(isDone, () => `${ledger.receiver.webhooks.length} webhooks`, 60_000)
    const resumedMs = performance.now() - stoppedAt
    const settled = await look('select * from attempt order by id')
    void stopped.signal('SIGCONT')
    await eventually(
      () => stopped.output().split('"lease_lost":true').length - 1 === 10,
      () => stopped.output(),
      20_000,
    )
    expect(await look('select * from attempt order by id')).toEqual(settled)
    expect(settled).toHaveLength(captures)
    await captureAll(door.url, ledger, 20)
    await ledger.arrives(performance.now())
    const row = {
      fault: 'a worker stopped past its lease, and continued',
      acknowledged: ledger.acknowledged,
      lost: ledger.lost(),
      duplicates: ledger.duplicates(),
      allowedDuplicates,
      resumedMs,
    }
    expectKept(context, row, idleTransactionMs + graceMs)
  })

  it.for([2, 4])('that compete, %i of them, repeat nothing', async (count, context) => {
    const captures = sized({ short: 600, whole: 20_000 })
    const own = await ownDatabase()
    let [open, most] = [0, 0]
    const ledger = await openLedger((_webhook, response) => {
      most = Math.max(most, ++open)
      setImmediate(() => {
        open--
        response.end()
      })
    })
    const door = await startRex(own, { ...api, ...patient })
    await createEndpoint(door, ledger.receiver.url, 20)
    const workers = Promise.all(Array.from({ length: count }, () => startRex(own, { ...worker, ...patient })))
    await captureAll(door.url, ledger, captures)
    await workers
    await ledger.arrives(performance.now())
    expect(most).toBeLessThanOrEqual(20)
    const { acknowledged } = ledger
    const counts = { acknowledged, lost: ledger.lost(), duplicates: ledger.duplicates(), allowedDuplicates: 0 }
    expectKept(context, { fault: `${count} workers competing`, ...counts, resumedMs: null })
  })

  it.runIf(existsSync(fakeTime))(
    'of which one is two hours ahead retry by the clock of the database',
    async (context) => {
      const captures = sized({ short: 100, whole: 5000 })
      const own = await ownDatabase()
      const look = await openLook(own)
      let firstAttempts = 0
      // Not ten in a row, or the endpoint would pass for dead.
      const ledger = await openLedger(undefined, ({ headers }) => {
        return headers['x-rex-attempt'] === '1' && ++firstAttempts % 3 === 0
      })
      const door = await startRex(own, { ...api, ...patient })
      await createEndpoint(door, ledger.receiver.url, 20)
      const schedule = { REX_RETRY_SCHEDULE: '0,1,1,1' }
      await Promise.all(
        [{}, twoHoursOff].map((clock) => startRex(own, { ...worker, ...patient, ...schedule, ...clock })),
      )
      const startedAt = performance.now()
      await captureAll(door.url, ledger, captures)
      const resumedMs = await ledger.arrives(startedAt)
      const [{ ahead } = { ahead: 0 }] = await look<{ ahead: number }>(
        `select count(*)::int as ahead from attempt where started_at > now() + interval '1 hour'`,
      )
      expect(ahead).toBeGreaterThan(0)
      expect(ahead).toBeLessThan(2 * captures)
      const { acknowledged } = ledger
      const counts = { acknowledged, lost: ledger.lost(), duplicates: ledger.duplicates(), allowedDuplicates: 0 }
      expectKept(context, {
        fault: 'a clock two hours off in one of two workers, a third refused at first',
        ...counts,
        resumedMs,
      })
    },
  )
})

/** Nobody is amid a transaction. */
async function isQuiet(look: Look): Promise<boolean> {
  const busy = await look(
    `select from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'`,
  )
  return busy.length === 0
}
