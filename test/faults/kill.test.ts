import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { RexProcess } from '../support/rex-process.ts'
import { openOwn, runSql } from '../support/test-parts.ts'
import {
  countLeased,
  createEndpoint,
  graceMs,
  leaseMs,
  lookOnce,
  ownDatabase,
  seededRandom,
  startRex,
} from './fault-parts.ts'
import { expectKept, sized } from './fault-report.ts'
import { captureAll, openLedger, startLoad } from './ledger.ts'

describe('a process that is killed', () => {
  it('at random under load repeats what was in flight at most', async (context) => {
    const { kills, perSecond } = sized({ short: { kills: 2, perSecond: 60 }, whole: { kills: 20, perSecond: 200 } })
    const own = await ownDatabase()
    const ledger = await openLedger()
    const random = seededRandom(20_260_316)
    let rex = await startRex(own)
    await createEndpoint(rex, ledger.receiver.url)
    const load = startLoad(rex.url, ledger, perSecond)
    let allowedDuplicates = 0
    let resumedMs = 0
    for (let kill = 0; kill < kills; kill++) {
      await ledger.acknowledges(ledger.acknowledged + 50 + Math.floor(random() * perSecond))
      await rex.signal('SIGKILL')
      const killedAt = performance.now()
      allowedDuplicates += await countLeased(own)
      rex = await startRex(own, { PORT: new URL(rex.url).port })
      resumedMs = Math.max(resumedMs, await ledger.arrives(killedAt))
    }
    await load.stop()
    await ledger.arrives(performance.now())
    const row = {
      fault: `kill -9 at random, ${kills} times under ${perSecond} captures a second`,
      acknowledged: ledger.acknowledged,
      lost: ledger.lost(),
      duplicates: ledger.duplicates(),
      allowedDuplicates,
      resumedMs,
    }
    expectKept(context, row, leaseMs + graceMs)
  })

  it('between the receiver’s 200 and the settling repeats that one, as the same attempt', async (context) => {
    const kills = sized({ short: 2, whole: 20 })
    const own = await ownDatabase()
    const operator = await openOwn(own)
    let rex: RexProcess
    let killed: Promise<unknown> | undefined
    // Whoever holds the row keeps the settling waiting.
    const acceptAndKill = (response: NodeJS.EventEmitter & { end(): void }) =>
      operator.inTransaction(async (tx) => {
        await runSql(tx, 'select from delivery where lease_until is not null for update')
        response.end()
        await once(response, 'finish')
        await rex.signal('SIGKILL')
        // PostgreSQL would still execute a settlement that it has received.
        await runSql(tx, endOtherSessions)
      })
    const ledger = await openLedger((webhook, response) => {
      const isFirst = ledger.receiver.webhooks.filter((each) => each.body === webhook.body).length === 1
      if (isFirst) killed = acceptAndKill(response)
      else response.end()
    })
    rex = await startRex(own)
    await createEndpoint(rex, ledger.receiver.url, 1)
    let resumedMs = 0
    for (let kill = 0; kill < kills; kill++) {
      const sent = ledger.receiver.webhooks.length
      await captureAll(rex.url, ledger, 1)
      await ledger.receiver.received(sent + 1)
      await killed
      const killedAt = performance.now()
      rex = await startRex(own)
      const [first, again] = (await ledger.receiver.received(sent + 2)).slice(sent)
      resumedMs = Math.max(resumedMs, performance.now() - killedAt)
      for (const header of ['webhook-id', 'x-rex-delivery', 'x-rex-attempt'])
        expect(again!.headers[header]).toBe(first!.headers[header])
    }
    await rex.signal('SIGTERM')
    await operator.close()
    expect(await lookOnce(own, 'select distinct number from attempt')).toEqual([{ number: 1 }])
    const row = {
      fault: `kill between the receiver's 200 and the settling, ${kills} times`,
      acknowledged: ledger.acknowledged,
      lost: ledger.lost(),
      duplicates: ledger.duplicates(),
      allowedDuplicates: kills,
      resumedMs,
    }
    expect(row.duplicates).toBe(kills)
    expectKept(context, row, leaseMs + graceMs)
  })
})

const endOtherSessions = `
  select pg_terminate_backend(pid, 5000)
  from pg_stat_activity
  where datname = current_database()
    and pid <> pg_backend_pid()`
