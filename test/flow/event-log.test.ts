import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appendEvents, headPosition, readEventsAfter } from '../../src/events/event-log.ts'
import type { EventDraft, LoggedEvent } from '../../src/events/event-types.ts'
import { lockPosition, movePosition } from '../../src/events/position.ts'
import { newId } from '../../src/platform/ids.ts'
import { eventually } from '../support/eventually.ts'
import { openParts, runSql, type TestParts } from '../support/test-parts.ts'

describe('the event log', () => {
  let parts: TestParts
  let workspaceId: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(() => {
    workspaceId = newId('workspace')
  })

  const draft = (wanted: Partial<EventDraft> = {}): EventDraft => ({
    workspaceId,
    id: newId('event'),
    type: 'contact.created',
    contactId: newId('contact'),
    occurredAt: new Date('2026-03-16T12:00:01.000Z'),
    data: { id: 'cont_1' },
    ...wanted,
  })
  const append = (...drafts: EventDraft[]) => parts.database.inTransaction((tx) => appendEvents(tx, drafts))
  const readAfter = (position: number, limit = 1000) =>
    readEventsAfter(parts.database, { position, limit, workspaceId })
  const idsOf = (events: readonly LoggedEvent[]) => events.map(({ id }) => id)

  it('holds what was appended, with the bytes of its body', async () => {
    const sent = draft({ type: 'contact.updated', data: { name: 'Zoë \u2028 "x"' }, changed: ['name'] })
    const [position] = await append(sent)
    const body = `{"id":"${sent.id}","event":"contact.updated","timestamp":"2026-03-16T12:00:01.000Z","data":{"name":"Zoë \u2028 \\"x\\""},"changed":["name"]}`
    const expected = {
      workspaceId,
      id: sent.id,
      type: 'contact.updated',
      contactId: sent.contactId,
      endpointId: null,
      body,
    }
    expect(await readAfter(0)).toEqual([{ ...expected, position, createdAt: sent.occurredAt, redactedAt: null }])
  })

  it('holds what is of no contact, or for one endpoint alone', async () => {
    await append(draft({ type: 'webhook.test', contactId: null, endpointId: 'wh_1' }))
    expect(await readAfter(0)).toMatchObject([{ contactId: null, endpointId: 'wh_1' }])
  })

  it('gives the events of a transaction positions in their order', async () => {
    const drafts = Array.from({ length: 300 }, (_, index) =>
      draft({ id: `evt_${999 - index}`, type: 'contact.updated' }),
    )
    const appended = await append(...drafts)
    expect(idsOf(await readAfter(0))).toEqual(idsOf(drafts as unknown as LoggedEvent[]))
    const positions = (await readAfter(0)).map(({ position }) => position)
    expect(positions).toEqual([...new Set(positions)].toSorted((one, other) => one - other))
    expect(appended).toEqual(positions)
  })

  it('appends nothing when there is nothing', async () => {
    const before = await headPosition(parts.database)
    expect(await append()).toEqual([])
    expect(await headPosition(parts.database)).toBe(before)
  })

  it('is read after a position, no further than the limit', async () => {
    const drafts = [draft(), draft(), draft(), draft()]
    await append(...drafts)
    const all = await readAfter(0)
    expect(idsOf(await readAfter(all[0]!.position, 2))).toEqual([drafts[1]!.id, drafts[2]!.id])
    expect(await readAfter(all[3]!.position)).toEqual([])
    expect(await headPosition(parts.database)).toBe(all[3]!.position)
  })

  it('is read by workspace, or whole', async () => {
    const other = newId('workspace')
    const before = await headPosition(parts.database)
    const drafts = [draft(), draft({ workspaceId: other }), draft()]
    await append(...drafts)
    expect(idsOf(await readAfter(before))).toEqual([drafts[0]!.id, drafts[2]!.id])
    const whole = await readEventsAfter(parts.database, { position: before, limit: 10 })
    expect(idsOf(whole)).toEqual(drafts.map(({ id }) => id))
  })

  it('forgets what was rolled back, and goes on', async () => {
    const gone = parts.database.inTransaction(async (tx) => {
      await appendEvents(tx, [draft()])
      throw new Error('changed its mind')
    })
    await expect(gone).rejects.toThrow('changed its mind')
    const kept = draft()
    await append(kept)
    expect(idsOf(await readAfter(0))).toEqual([kept.id])
  })

  it('has a position for each reader, which moves with what the reader did', async () => {
    const moved = parts.database.inTransaction(async (tx) => {
      expect(await lockPosition(tx, 'one')).toBe(0)
      await movePosition(tx, 'one', 7)
      throw new Error('crashed')
    })
    await expect(moved).rejects.toThrow('crashed')
    await parts.database.inTransaction(async (tx) => {
      expect(await lockPosition(tx, 'one')).toBe(0)
      await movePosition(tx, 'one', 8)
    })
    const [one, two] = await parts.database.inTransaction(async (tx) => [
      await lockPosition(tx, 'one'),
      await lockPosition(tx, 'two'),
    ])
    expect([one, two]).toEqual([8, 0])
  })

  describe('with transactions at the same time', () => {
    const waiting = async () => {
      const [row] = await parts.sql<{ count: number }>(
        `select count(*) as count from pg_locks
         where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
      )
      return row!.count
    }

    it('makes one that appends wait until the other has committed, so that order is commit order', async () => {
      const [early, late] = [draft(), draft()]
      let lateDone = false
      let lateAppend: Promise<unknown> = Promise.resolve()
      await parts.database.inTransaction(async (tx) => {
        await appendEvents(tx, [early])
        lateAppend = append(late).then(() => {
          lateDone = true
        })
        await eventually(
          async () => (await waiting()) === 1,
          async () => `${await waiting()} wait`,
        )
        expect(lateDone).toBe(false)
        expect(await readAfter(0)).toEqual([])
      })
      await lateAppend
      expect(idsOf(await readAfter(0))).toEqual([early.id, late.id])
    })

    it('lets the other go on when the first is rolled back', async () => {
      const late = draft()
      let lateAppend: Promise<unknown> = Promise.resolve()
      const rolledBack = parts.database.inTransaction(async (tx) => {
        await appendEvents(tx, [draft()])
        lateAppend = append(late)
        await eventually(
          async () => (await waiting()) === 1,
          async () => `${await waiting()} wait`,
        )
        throw new Error('changed its mind')
      })
      await expect(rolledBack).rejects.toThrow('changed its mind')
      await lateAppend
      expect(idsOf(await readAfter(0))).toEqual([late.id])
    })

    it('never shows a reader position n+1 before n', async () => {
      const writers = 8
      const each = 40
      let writing = true
      const appended = Promise.all(
        Array.from({ length: writers }, async (_, writer) => {
          for (let round = 0; round < each; round++) {
            await parts.database.inTransaction(async (tx) => {
              await runSql(tx, 'select 1')
              await appendEvents(tx, writer % 2 ? [draft()] : [draft(), draft(), draft()])
            })
          }
        }),
      ).finally(() => {
        writing = false
      })
      const seen: LoggedEvent[] = []
      while (writing) seen.push(...(await readAfter(seen.at(-1)?.position ?? 0, 7)))
      await appended
      seen.push(...(await readAfter(seen.at(-1)?.position ?? 0)))
      expect(seen).toHaveLength((writers / 2) * each * (1 + 3))
      expect(seen).toEqual(await readAfter(0))
    })

    it('lets one node at a time have a reader’s position', async () => {
      const taken: string[] = []
      await parts.database.inTransaction((tx) => lockPosition(tx, 'shared'))
      let second: Promise<unknown> = Promise.resolve()
      await parts.database.inTransaction(async (tx) => {
        await lockPosition(tx, 'shared')
        second = parts.database.inTransaction(async (other) => {
          taken.push(`second at ${await lockPosition(other, 'shared')}`)
        })
        const waits = () =>
          parts.sql(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`)
        await eventually(
          async () => (await waits()).length > 0,
          () => 'nobody waits',
        )
        await movePosition(tx, 'shared', 5)
        taken.push('first')
      })
      await second
      expect(taken).toEqual(['first', 'second at 5'])
    })
  })
})
