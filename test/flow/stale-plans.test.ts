import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database, Tx } from '../../src/database/database.ts'
import { claimDeliveries, settleDeliveries } from '../../src/delivery/queue/queue.ts'
import { insertEndpoints, insertEvents } from '../support/filled.ts'
import { openParts, runSql, type TestParts } from '../support/test-parts.ts'
import { fanOutAll, settlementOf } from '../support/webhook-parts.ts'

/** Longer than a connection keeps its plans. */
const pauseMs = 2100
const request = { limit: 50, leaseMs: 30_000, owner: 'worker' }

/** A service that has just started on an empty database has made its plans there, and PostgreSQL would keep them until the next analyze. */
describe('11.1: plans that were made on empty tables', () => {
  let parts: TestParts

  beforeAll(async () => {
    parts = await openParts()
    await parts.sql('alter table delivery set (autovacuum_enabled = off)')
    await parts.sql('alter table event set (autovacuum_enabled = off)')
  })
  afterAll(() => parts.close())

  it('serve claims and settlements of a great many deliveries quickly, too', async () => {
    const takenBack = new Error('taken back')
    const work = parts.database.inTransaction(async (tx) => {
      await insertEndpoints((text, values) => runSql(tx, text, values), 'ws_many', 200)
      await owe(tx, 1)
      const [first] = (await claimDeliveries(tx, request)).deliveries
      expect(first).toBeDefined()
      await settleDeliveries(tx, [settlementOf(first!, 'SUCCEEDED')])
      await owe(tx, 30_000)
      await setTimeout(pauseMs)
      await runSql(tx, `set local statement_timeout = '6s'`)
      for (let round = 0; round < 5; round++) {
        const { deliveries } = await claimDeliveries(tx, request)
        expect(deliveries).toHaveLength(50)
        const { ids } = await settleDeliveries(
          tx,
          deliveries.map((each) => settlementOf(each, 'SUCCEEDED')),
        )
        expect(ids.size).toBe(50)
      }
      throw takenBack
    })
    await expect(work).rejects.toBe(takenBack)
  })

  it('serve the fan-out of a great many events', async () => {
    await insertEndpoints(parts.sql, 'ws_first', 1)
    await insertEvents(parts.sql, 'ws_first', 1)
    await fanOutAll(parts)
    await insertEndpoints(parts.sql, 'ws_next', 150, { prefix: 'next' })
    await insertEvents(parts.sql, 'ws_next', 100)
    await fanOutAll({ database: withStatementTimeout(parts.database) })
    const [row] = await parts.sql<{ count: number }>(
      `select count(*)::int as count from delivery where workspace_id = 'ws_next'`,
    )
    expect(row!.count).toBe(15_000)
  })

  const owe = (tx: Tx, count: number) =>
    runSql(
      tx,
      `with inserted as (
         insert into event (workspace_id, id, type, contact_id, body, created_at)
         select 'ws_many', 'evt_' || $1::text || '_' || nth, 'contact.created', 'cont_' || nth % 5000, '{}', now()
         from generate_series(1, $1::int) nth
         returning *
       )
       insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, contact_id, next_attempt_at)
       select workspace_id, 'dlv_' || id, 'wh_many' || lpad((1 + position % 200)::text, 22, '0'), id, position, contact_id, now() - interval '1 second'
       from inserted`,
      [count],
    )
})

function withStatementTimeout(database: Database): Database {
  return {
    ...database,
    inTransaction: (work) =>
      database.inTransaction(async (tx) => {
        await runSql(tx, `set local statement_timeout = '6s'`)
        return work(tx)
      }),
  }
}
