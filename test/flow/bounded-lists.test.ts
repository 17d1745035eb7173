import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CursorKey } from '../../src/events/cursor.ts'
import type { Context } from '../../src/graphql/execution/context.ts'
import { type BoundedList, readIds } from '../../src/graphql/schema/relay/bounded-list.ts'
import type { Slice } from '../../src/graphql/schema/relay/connection.ts'
import { findChildren } from '../../src/graphql/schema/relay/nested-statements.ts'
import { orderingOf } from '../../src/graphql/types/contact/contact-order.ts'
import { walkContacts } from '../../src/graphql/types/contact/contact-walk.ts'
import { isFoundByIndex } from '../../src/graphql/types/contact/filter/contact-filter-index.ts'
import { whereOfFilter } from '../../src/graphql/types/contact/filter/contact-where.ts'
import { deliveryList } from '../../src/graphql/types/delivery/delivery-list.ts'
import { eventList } from '../../src/graphql/types/event/event-list.ts'
import { submissionList } from '../../src/graphql/types/submission/submission-list.ts'
import type { Viewer } from '../../src/workspaces/viewer.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'

const rows = 4500
const viewer: Viewer = { workspaceId: 'ws_1', apiKeyId: 'key_1', scopes: new Set(), expiresAt: null }
/** More than two pages of rows apart. */
const rare = [3, 2100, 2101, 4400]
const made = "timestamptz '2026-01-01 00:00Z' + nth * interval '1 minute'"
/** 2026-01-01 in the digits of a ULID, each row two minutes after the other at most. */
const id = (prefix: string) => `'${prefix}_01KDVDNA00' || lpad(nth::text, 16, '0')`
const isRare = `nth in (${rare.join(', ')})`

interface Step {
  readonly ids: readonly string[]
  readonly next: CursorKey | undefined
}

describe('17: a filtered list', () => {
  let parts: TestParts
  let context: Context

  beforeAll(async () => {
    parts = await openParts()
    context = { database: parts.database, viewer } as Context
    const numbers = `from generate_series(1, ${rows}) nth`
    await parts.sql(`insert into contact (workspace_id, id, email, stage, source, created_at, updated_at, last_seen_at)
      select 'ws_1', ${id('cont')}, 'p' || nth || '@example.com', 'lead', case when ${isRare} then 'rare' end, ${made}, ${made}, ${made} ${numbers}`)
    await parts.sql(`insert into submission (workspace_id, id, status, source, received_at)
      select 'ws_1', ${id('sub')}, case when ${isRare} then 'HELD' else 'ACCEPTED' end::submission_status,
             case when ${isRare} then 'rare' else 'usual' end, ${made} ${numbers}`)
    await parts.sql(`insert into event (workspace_id, id, position, type, body, created_at)
      select 'ws_1', ${id('evt')}, nth, case when ${isRare} then 'contact.created' else 'contact.updated' end, '{}', ${made} ${numbers}`)
    await parts.sql(`insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, status)
      select 'ws_1', ${id('dlv')}, 'wh_1', ${id('evt')}, nth, case when ${isRare} then 'PENDING' else 'SUCCEEDED' end::delivery_status ${numbers}`)
  })
  afterAll(() => parts.close())

  const found = (ids: readonly string[]) => ids.map((each) => Number(each.slice(-16)))

  /** Pages of two, until no more is said to come. */
  const walkThrough = async (fromEnd: boolean, step: (slice: Slice) => Promise<Step>): Promise<number[]> => {
    const all: string[] = []
    let key: CursorKey | undefined
    for (let page = 0; page < 20; page++) {
      const { ids, next } = await step({
        size: 2,
        fromEnd,
        after: fromEnd ? undefined : key,
        before: fromEnd ? key : undefined,
      })
      all.push(...ids)
      if (next === undefined) return found(all)
      key = next
    }
    throw new Error('The list does not end.')
  }
  const byList = (fromEnd: boolean, listOf: (slice: Slice) => BoundedList, keyOf: (id: string) => CursorKey) =>
    walkThrough(fromEnd, async (slice) => {
      const { ids, resume } = await readIds(context, listOf(slice), slice)
      const kept = ids.slice(0, slice.size)
      return { ids: kept, next: ids.length > slice.size ? keyOf(kept.at(-1)!) : resume }
    })

  const timeKey = (each: string): CursorKey => [
    new Date(Date.UTC(2026, 0, 1) + Number(each.slice(-16)) * 60_000).toISOString(),
    each,
  ]
  const lists: [string, (slice: Slice) => BoundedList, (id: string) => CursorKey][] = [
    ['submissions of a status', (slice) => submissionList({ status: ['HELD'] }, slice, true), timeKey],
    [
      'submissions of two statuses',
      (slice) => submissionList({ status: ['SPAM', 'HELD', 'HELD'] }, slice, true),
      timeKey,
    ],
    ['submissions of a source', (slice) => submissionList({ source: { contains: 'RAR' } }, slice, true), timeKey],
    ['events of a frequent type', (slice) => eventList(['contact.created'], slice), (each) => found([each])],
    ['deliveries of a frequent status', (slice) => deliveryList({ status: ['PENDING'] }, slice), (each) => [each]],
    [
      'deliveries of an endpoint',
      (slice) => deliveryList({ endpointId: 'wh_1', status: ['PENDING'] }, slice),
      (each) => [each],
    ],
  ]

  it.each(lists)('has all %s, page by page, from either end', async (_, listOf, keyOf) => {
    expect(await byList(false, listOf, keyOf)).toEqual(rare.toReversed())
    expect(await byList(true, listOf, keyOf)).toEqual(rare)
  })

  it.each(['CREATED_AT', 'EMAIL'] as const)('has all contacts without an index, by %s', async (field) => {
    const filter = { source: { isNull: false } }
    expect(isFoundByIndex(filter)).toBe(false)
    const ordering = orderingOf({ field, direction: 'DESC' }, filter)
    for (const fromEnd of [false, true]) {
      const all = await walkThrough(fromEnd, async (slice) => {
        const page = await walkContacts(context, { viewer, filters: [whereOfFilter(filter, true)], ordering, slice })
        const kept = page.rows.slice(0, slice.size)
        const next = page.rows.length > slice.size ? ordering.keyOf(kept.at(-1)!) : page.resume
        return { ids: kept.map((contact) => contact.id), next }
      })
      expect(all.toSorted((a, b) => a - b)).toEqual(rare)
    }
  })

  it('has all deliveries of a status below an endpoint', async () => {
    const columns = { table: 'delivery', parentColumn: 'endpoint_id', orderColumn: 'id' } as const
    for (const fromEnd of [false, true]) {
      const all = await walkThrough(fromEnd, async (slice) => {
        const children = await findChildren(context, columns, slice, ['wh_1'], ['PENDING'])
        const ids = children.flatMap((child) => child.id ?? [])
        const kept = ids.slice(0, slice.size)
        const last = children.flatMap(({ last_place }) => last_place ?? [])[0]
        const resume = last === undefined ? undefined : [last]
        return { ids: kept, next: ids.length > slice.size ? [kept.at(-1)!] : resume }
      })
      expect(all).toEqual(fromEnd ? rare : rare.toReversed())
    }
  })

  it('has submissions of a range of time, to the millisecond', async () => {
    const at = (nth: number) => new Date(Date.UTC(2026, 0, 1, 0, nth))
    const range = { receivedAt: { gte: at(2100), lt: at(2102) } }
    expect(await byList(false, (slice) => submissionList(range, slice, true), timeKey)).toEqual([2101, 2100])
  })

  it.each([
    [{ email: { contains: 'x' } }, true],
    [{ stage: { eq: 'lead' } }, true],
    [{ stage: { eq: 'lead' }, source: { isNull: true } }, false],
    [{ email: { eq: 'x' }, source: { isNull: true } }, true],
    [{ or: [{ name: { eq: 'x' } }, { source: { contains: 'x' } }] }, false],
    [{ or: [{ name: { eq: 'x' } }, { source: { eq: 'x' } }] }, true],
    [{ not: { stage: { eq: 'lead' } } }, false],
    [{ metadata: [{ key: 'plan', exists: true }] }, false],
    [{ createdAt: { gte: new Date() } }, true],
    [{}, true],
  ])('of contacts by %j is found by an index: %s', (filter, expected) => {
    expect(isFoundByIndex(filter)).toBe(expected)
  })
})
