import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database, Tx } from '../../src/database/database.ts'
import { notifiedLimit } from '../../src/delivery/delivery-erasure.ts'
import { catchUp, fanOut, fanOutBounds } from '../../src/delivery/plan/fanout.ts'
import { newId } from '../../src/platform/ids.ts'
import { insertEndpoints, insertEvents } from '../support/filled.ts'
import { codeOf, openOwn, openParts, type TestParts } from '../support/test-parts.ts'
import { appendAll, deliveriesOf, fanOutAll, newEndpoint } from '../support/webhook-parts.ts'

describe('11.1: the fan-out of a wide workspace', () => {
  let parts: TestParts
  let wide: string
  let other: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    await fanOutAll(parts)
    await parts.sql('delete from delivery')
    wide = newId('workspace')
    other = newId('workspace')
  })

  /** Counts the rows that each insert of deliveries is given. */
  const counting = (database: Database, counts: number[]): Database => ({
    ...database,
    inTransaction: (work) =>
      database.inTransaction((tx) => {
        const query: Tx['query'] = (statement, values) => {
          const [first] = values ?? []
          if (statement.name === 'insert_deliveries' && Array.isArray(first)) counts.push(first.length)
          return tx.query(statement, values)
        }
        return work({ ...tx, query })
      }),
  })
  const owedTo = async (workspaceId: string) => {
    const [row] = await parts.sql<{ count: number }>(
      'select count(*)::int as count from delivery where workspace_id = $1',
      [workspaceId],
    )
    return row!.count
  }
  const behind = () =>
    parts.sql<{ workspace_id: string }>(`select workspace_id from reader_position where workspace_id <> '*'`)

  const [endpoints, events] = [1000, 60]

  it(`owes ${events} events to ${endpoints} endpoints in bounded statements, and another workspace first`, async () => {
    await insertEndpoints(parts.sql, wide, endpoints)
    await insertEvents(parts.sql, wide, events)
    const { id } = await newEndpoint(parts, other)
    const [event] = await appendAll(parts, other, [{}])
    const counts: number[] = []
    const times: number[] = []
    const database = counting(parts.database, counts)
    const timed = async <Value>(work: () => Promise<Value>) => {
      const start = performance.now()
      const value = await work()
      times.push(performance.now() - start)
      return value
    }
    while ((await timed(() => fanOut(database, 0))).more);
    expect(await deliveriesOf(parts, other)).toMatchObject([{ event_id: event, endpoint_id: id }])
    expect(await owedTo(wide)).toBe(0)
    expect(await behind()).toEqual([{ workspace_id: wide }])
    while ((await timed(() => catchUp(database, 0))).more);
    expect(await owedTo(wide)).toBe(endpoints * events)
    expect(Math.max(...counts)).toBeLessThanOrEqual(fanOutBounds.deliveriesBehind)
    expect(Math.max(...times)).toBeLessThan(7500) // Half of the statement timeout, on a machine that has other work.
    await appendAll(parts, other, [{}])
    await fanOutAll(parts)
    expect(await behind()).toEqual([])
  })

  it('owes each event once, whatever runs at once and wherever it crashes', async () => {
    const own = await openOwn(parts.own)
    await insertEndpoints(parts.sql, wide, 150)
    const { id } = await newEndpoint(parts, other)
    let crashes = 0
    const crashing: Database = {
      ...parts.database,
      inTransaction: (work) =>
        parts.database.inTransaction(async (tx) => {
          const value = await work(tx)
          if (++crashes % 3 === 0) throw new Error('crashed')
          return value
        }),
    }
    const ignore = () => undefined
    const appending = async () => {
      for (let nth = 0; nth < 10; nth++)
        for (const workspaceId of [wide, other]) await appendAll(parts, workspaceId, [{}, {}, {}, {}])
    }
    const reading = async () => {
      for (let nth = 0; nth < 15; nth++)
        await Promise.all([
          fanOut(crashing, 0).catch(ignore),
          catchUp(crashing, 0).catch(ignore),
          catchUp(own, 0),
          fanOut(own, 0),
        ])
    }
    await Promise.all([appending(), reading()])
    await fanOutAll(parts)
    expect(await owedTo(wide)).toBe(40 * 150)
    expect(await owedTo(other)).toBe(40)
    expect(await deliveriesOf(parts, other)).toMatchObject(Array.from({ length: 40 }, () => ({ endpoint_id: id })))
    if (own !== parts.database) await own.close()
  })

  it('leaves one behind that is owed many by few events, and not one that is owed few by many', async () => {
    await insertEndpoints(parts.sql, wide, 60)
    await insertEvents(parts.sql, wide, 20)
    await newEndpoint(parts, other)
    await insertEvents(parts.sql, other, 300)
    await fanOut(parts.database, 0)
    expect(await behind()).toEqual([{ workspace_id: wide }])
    // Whole events, as many as fit.
    expect(await owedTo(wide)).toBe(480)
    expect(await owedTo(other)).toBe(300)
    await fanOutAll(parts)
    expect(await owedTo(wide)).toBe(1200)
  })

  it('stops a round at its bound on deliveries, in whole events, and says that there is more', async () => {
    for (let nth = 0; nth < 6; nth++) {
      const workspaceId = newId('workspace')
      await insertEndpoints(parts.sql, workspaceId, 100)
      await insertEvents(parts.sql, workspaceId, 5)
    }
    const counts: number[] = []
    expect(await fanOut(counting(parts.database, counts), 0)).toMatchObject({ more: true, events: 20 })
    expect(counts).toEqual([2000])
    expect(await fanOut(counting(parts.database, counts), 0)).toMatchObject({ more: false, events: 10 })
    expect(counts).toEqual([2000, 1000])
  })

  it('stops a round at its bound on workspaces and on erasures', async () => {
    for (let nth = 0; nth < 130; nth++) await insertEvents(parts.sql, `ws_narrow_${nth}`, 1)
    expect(await fanOut(parts.database, 0)).toMatchObject({ more: true, events: 100 })
    expect(await fanOut(parts.database, 0)).toMatchObject({ more: false, events: 30 })
    await insertEvents(parts.sql, wide, 50)
    await parts.sql(`update event set type = 'contact.erased' where workspace_id = $1`, [wide])
    expect(await fanOut(parts.database, 0)).toMatchObject({ more: true, events: 20 })
    await fanOutAll(parts)
  })

  it('tells every endpoint of an erasure when the contact has more deliveries than can be looked at', async () => {
    const endpoint = await newEndpoint(parts, wide, { events: ['webhook.failing'] })
    await parts.sql(
      `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, contact_id, status)
       select $1::text, 'dlv_' || nth, 'wh_gone', 'evt_' || nth, nth, 'cont_many', 'CANCELED'
       from generate_series(1, $2::int) nth`,
      [wide, notifiedLimit],
    )
    await appendAll(parts, wide, [{ type: 'contact.erased', contactId: 'cont_many' }])
    await fanOutAll(parts)
    const told = (await deliveriesOf(parts, wide)).filter(({ status }) => status === 'PENDING')
    expect(told).toMatchObject([{ endpoint_id: endpoint.id }])
  })

  it('has no more endpoints than its limit, however many are made at once', async () => {
    await insertEndpoints(parts.sql, wide, 995)
    const made = await Promise.all(Array.from({ length: 20 }, () => codeOf(newEndpoint(parts, wide))))
    expect(made.filter((code) => code === undefined)).toHaveLength(5)
    expect(made.filter((code) => code === 'conflict')).toHaveLength(15)
  })
})
