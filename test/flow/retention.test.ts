import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pruneCaptures } from '../../src/capture/submission-retention.ts'
import { acceptSubmission } from '../../src/capture/write/submission.ts'
import { createEventPrune } from '../../src/delivery/event-retention.ts'
import { newId } from '../../src/platform/ids.ts'
import { captureOf } from '../support/captures.ts'
import { eventually } from '../support/eventually.ts'
import { explainWork, planModes, rowsReadOf } from '../support/explain.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { openWayOut, type WayOut } from '../support/way-out.ts'
import { fanOutAll } from '../support/webhook-parts.ts'

const days = 30
const bytes = { total: 0, raw: 0 }
const released = {
  outcome: 'UNCHANGED',
  source: null,
  contactId: null,
  changes: [],
  proposals: [],
  fields: {},
  bytes,
  storedBytes: 0,
} as const

describe('retention', () => {
  let parts: TestParts
  let way: WayOut

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    for (const table of ['event', 'attempt', 'submission', 'idempotency_key']) await parts.sql(`delete from ${table}`)
    way = await openWayOut(parts)
  })

  const prune = async () => {
    const once = createEventPrune(parts.database, days)
    let batches = 1
    while (await once()) batches++
    return batches
  }
  const pruneAllCaptures = async () => {
    while (await pruneCaptures(parts.database, days));
  }
  /** As if it all had happened so many days earlier. */
  const age = (by: number) =>
    Promise.all(
      [
        `update event set created_at = created_at - $1::float8 * interval '1 day'`,
        `update delivery
         set created_at = created_at - $1::float8 * interval '1 day',
             completed_at = completed_at - $1::float8 * interval '1 day'`,
      ].map((text) => parts.sql(text, [by])),
    )
  const countOf = async (table: string) =>
    (await parts.sql<{ count: number }>(`select count(*)::int as count from ${table}`))[0]!.count
  const left = async () => ({
    events: await countOf('event'),
    deliveries: await countOf('delivery'),
    attempts: await countOf('attempt'),
  })
  const end = (status: string) =>
    parts.sql(
      `update delivery set status = $1::text::delivery_status, completed_at = now(), next_attempt_at = null
       where status = 'PENDING'`,
      [status],
    )
  const quiet = { url: 'http://127.0.0.1:9/' }

  it('takes away what is old: events with their deliveries and attempts', async () => {
    const to = await way.receiver()
    await way.endpointTo(to)
    const { stop } = way.start()
    await way.captureMany(3)
    await way.allAre('SUCCEEDED', 3)
    await stop()
    await age(days - 1)
    await prune()
    expect(await left()).toEqual({ events: 3, deliveries: 3, attempts: 3 })
    await age(2)
    await prune()
    expect(await left()).toEqual({ events: 0, deliveries: 0, attempts: 0 })
  })

  it.each(['SUCCEEDED', 'FAILED', 'CANCELED'])('takes away what is %s', async (status) => {
    await way.endpointTo(quiet)
    await way.captureMany(2)
    await fanOutAll(parts)
    await end(status)
    await age(days + 1)
    await prune()
    expect(await left()).toEqual({ events: 0, deliveries: 0, attempts: 0 })
  })

  it.each(['PENDING', 'RETRYING', 'HELD'])('leaves what is %s, and its event', async (status) => {
    await way.endpointTo(quiet)
    await way.captureMany(2)
    await fanOutAll(parts)
    await parts.sql('update delivery set status = $1::text::delivery_status', [status])
    await age(days + 1)
    await prune()
    expect(await left()).toEqual({ events: 2, deliveries: 2, attempts: 0 })
  })

  it('leaves an event for as long as one of its endpoints waits for it', async () => {
    const { id } = await way.endpointTo(quiet)
    await way.endpointTo(quiet)
    await way.capture()
    await fanOutAll(parts)
    await parts.sql(`update delivery set status = 'SUCCEEDED', completed_at = now() where endpoint_id = $1`, [id])
    await age(days + 1)
    await prune()
    expect(await left()).toMatchObject({ events: 1, deliveries: 1 })
    await parts.sql(`update delivery set status = 'FAILED', completed_at = now() - interval '31 days'`)
    await prune()
    expect(await left()).toMatchObject({ events: 0, deliveries: 0 })
  })

  it('leaves what ended a short time ago, however old its event is', async () => {
    await way.endpointTo(quiet)
    await way.capture()
    await fanOutAll(parts)
    await age(days + 1)
    await end('SUCCEEDED')
    await prune()
    expect(await left()).toMatchObject({ events: 1, deliveries: 1 })
  })

  it('leaves what the fan-out has not read', async () => {
    await way.endpointTo(quiet)
    await fanOutAll(parts)
    await way.captureMany(2)
    await age(days + 1)
    await prune()
    expect(await left()).toMatchObject({ events: 2 })
  })

  it('takes away what nobody wanted', async () => {
    await way.captureMany(2)
    await fanOutAll(parts)
    await age(days + 1)
    await prune()
    expect(await left()).toMatchObject({ events: 0 })
  })

  it('11.1: goes in small steps, and gets past what stays', async () => {
    await way.endpointTo(quiet, { events: ['contact.created'] })
    await insertEvents(700, 'contact.created')
    await fanOutAll(parts)
    await insertEvents(700, 'contact.updated')
    await fanOutAll(parts)
    await age(days + 1)
    const once = createEventPrune(parts.database, days)
    const counts: number[] = [await countOf('event')]
    while (await once()) counts.push(await countOf('event'))
    const steps = counts.slice(1).map((count, index) => counts[index]! - count)
    expect(Math.max(...steps)).toBe(100)
    expect(await countOf('event')).toBe(700)
    await end('SUCCEEDED')
    await age(days + 1)
    await prune()
    expect(await left()).toMatchObject({ events: 0, deliveries: 0 })
  })

  it('11.1: deletes the deliveries of an event for many endpoints in steps, the event with the last of them', async () => {
    for (let nth = 0; nth < 30; nth++) await way.endpointTo(quiet)
    await insertEvents(70, 'contact.created')
    await fanOutAll(parts)
    await end('SUCCEEDED')
    await age(days + 1)
    const once = createEventPrune(parts.database, days)
    const counts: number[] = [await countOf('delivery')]
    while (await once()) counts.push(await countOf('delivery'))
    expect(counts).toEqual([2100, 1100, 100])
    expect(await left()).toEqual({ events: 0, deliveries: 0, attempts: 0 })
  })

  it.each(planModes)('reads no more of the log than a step when nothing in it is old: %s', async (mode) => {
    await insertEvents(3000, 'contact.created')
    await fanOutAll(parts)
    await parts.sql('analyze event')
    const plans = await explainWork(parts.database, mode, (tx) => createEventPrune(tx, days)())
    const rows = [...plans].map(([name, nodes]) => [name, rowsReadOf(nodes, 'event')] as const)
    expect(rows.map(([name]) => name)).toContain('delete_old_events')
    expect(Math.max(...rows.map(([, count]) => count)), JSON.stringify(rows)).toBeLessThan(300)
  })

  it.each([
    [1730, 250],
    [200, 50],
    [5000, 3000],
  ])('takes away what is old behind %i events of a clock that was ahead: %i', async (ahead, behind) => {
    await insertEvents(50, 'contact.created')
    await insertEvents(ahead, 'contact.updated')
    await insertEvents(behind, 'webhook.failing')
    await fanOutAll(parts)
    await age(days + 1)
    await parts.sql(`update event set created_at = now() + interval '1 year' where type = 'contact.updated'`)
    await prune()
    expect(await parts.sql('select distinct type from event')).toEqual([{ type: 'contact.updated' }])
  })

  it('leaves contacts and accepted submissions, and takes away spam', async () => {
    const spam = captureOf(way.workspaceId, { screening: { status: 'SPAM', reasons: ['honeypot'] } })
    await parts.captureAll([captureOf(way.workspaceId), spam, { ...spam, submissionId: newId('submission') }])
    await parts.sql(`update submission set received_at = now() - interval '29 days'`)
    await pruneAllCaptures()
    expect(await countOf('submission')).toBe(3)
    await parts.sql(`update submission set received_at = now() - interval '31 days'`)
    await pruneAllCaptures()
    expect(await parts.sql('select status from submission')).toEqual([{ status: 'ACCEPTED' }])
    expect(await parts.sql('select 1 from contact where workspace_id = $1', [way.workspaceId])).toHaveLength(1)
  })

  it('leaves what is held, however old, and what is released while it is about to go', async () => {
    const screening = { status: 'SPAM', reasons: ['honeypot'] } as const
    const spam = captureOf(way.workspaceId, { screening })
    const held = captureOf(way.workspaceId, { screening: { ...screening, status: 'HELD' } })
    await parts.captureAll([spam, held])
    await parts.sql(`update submission set received_at = now() - interval '31 days'`)
    const pruned = await parts.database.inTransaction(async (tx) => {
      await acceptSubmission(tx, { ...released, workspaceId: way.workspaceId, id: spam.submissionId })
      const pruning = pruneCaptures(parts.database, days) // It waits for this transaction to end.
      await someoneWaits()
      return { pruning }
    })
    await pruned.pruning
    expect(await parts.sql('select status from submission order by status::text')).toEqual([
      { status: 'ACCEPTED' },
      { status: 'HELD' },
    ])
  })

  it('takes away idempotency keys after a day, all of them however many', async () => {
    const insert = (count: number, hours: number) =>
      parts.sql(
        `insert into idempotency_key (workspace_id, caller, key, body_hash, submission_id, answer, created_at)
         select $1::text, '', $3::text || nth, '', '', '{}', now() - $3::int * interval '1 hour'
         from generate_series(1, $2::int) nth`,
        [way.workspaceId, count, hours],
      )
    await insert(1200, 25)
    await insert(3, 23)
    expect(await pruneCaptures(parts.database, days)).toBe(true)
    expect(await countOf('idempotency_key')).toBe(703)
    await pruneAllCaptures()
    expect(await countOf('idempotency_key')).toBe(3)
  })

  it('takes away the proofs of work that have expired', async () => {
    const insert = (count: number, hours: number) =>
      parts.sql(
        `insert into spent_proof (workspace_id, id, expires_at)
         select $1::text, $3::text || nth, now() - $3::int * interval '1 hour' from generate_series(1, $2::int) nth`,
        [way.workspaceId, count, hours],
      )
    await insert(700, 2)
    await insert(3, 0)
    expect(await pruneCaptures(parts.database, days)).toBe(true)
    await pruneAllCaptures()
    expect(await countOf('spent_proof')).toBe(3)
  })

  const someoneWaits = () =>
    eventually(
      async () => {
        const text = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
        return (await parts.sql(text)).length > 0
      },
      () => 'nobody waits',
    )

  const insertEvents = (count: number, type: string) =>
    parts.sql(
      `insert into event (workspace_id, id, type, contact_id, body, created_at)
       select $1::text, $2::text || '_' || nth, $2::text, null, '{}', now() from generate_series(1, $3::int) nth`,
      [way.workspaceId, type, count],
    )
})
