import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { catchUp, fanOut } from '../../src/delivery/plan/fanout.ts'
import { newId } from '../../src/platform/ids.ts'
import { insertEndpoints, insertEvents } from '../support/filled.ts'
import { interceptedAfter } from '../support/intercepted.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { appendAll, fanOutAll } from '../support/webhook-parts.ts'

/** So many that nine events of their workspace are owed more deliveries than one round gives it. */
const endpoints = 60
/** Workspaces of one round. */
const bound = 100

describe('a workspace that the fan-out has left behind', () => {
  let parts: TestParts
  let wide: string

  beforeAll(async () => {
    parts = await openParts()
    wide = newId('workspace')
    await insertEndpoints(parts.sql, wide, endpoints)
  })
  afterAll(() => parts.close())

  const owedOf = async (eventId: string) => {
    const [row] = await parts.sql<{ count: number }>(
      'select count(*)::int as count from delivery where event_id = $1',
      [eventId],
    )
    return row!.count
  }
  const catchUpAll = async () => {
    while ((await catchUp(parts.database, 0)).more);
  }

  it('gets nothing newer before what it has missed, although another node has left it behind before the first position', async () => {
    await insertEvents(parts.sql, wide, 9)
    for (let nth = 0; nth < bound; nth++) await insertEvents(parts.sql, newId('workspace'), 1)
    const [last] = await appendAll(parts, wide, [{}])
    let hasRun = false
    const overtaken = interceptedAfter(parts.database, 'lock_reader_position', async () => {
      if (hasRun) return
      hasRun = true
      expect(await fanOut(parts.database, 0)).toMatchObject({ more: true, someBehind: true })
    })
    const round = await fanOut(overtaken, 0)
    expect(round.events).toBeGreaterThan(0)
    expect(round.events).toBeLessThan(bound)
    expect(await owedOf(last!)).toBe(0)
    await catchUpAll()
    expect(await owedOf(last!)).toBe(endpoints)
    await fanOutAll(parts)
  })

  it('gets nothing newer from the rounds of all', async () => {
    await appendAll(
      parts,
      wide,
      Array.from({ length: 9 }, () => ({})),
    )
    expect(await fanOut(parts.database, 0)).toMatchObject({ someNewlyBehind: true })
    const [next] = await appendAll(parts, wide, [{}])
    expect(await fanOut(parts.database, 0)).toMatchObject({ events: 1, deliveries: 0, someBehind: true })
    expect(await owedOf(next!)).toBe(0)
    await catchUpAll()
    expect(await owedOf(next!)).toBe(endpoints)
  })

  it('is looked for only while there is one', async () => {
    await fanOutAll(parts)
    const onTakeBack = vi.fn(async () => {})
    const onSelect = vi.fn(async () => {})
    const observed = interceptedAfter(
      interceptedAfter(parts.database, 'take_back_workspaces', onTakeBack),
      'select_workspaces_behind',
      onSelect,
    )
    await appendAll(parts, wide, [{}])
    expect(await fanOut(observed, 0)).toMatchObject({ deliveries: endpoints })
    expect(onTakeBack).not.toHaveBeenCalled()
    expect(onSelect).not.toHaveBeenCalled()
  })
})
