import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database, Tx } from '../../src/database/database.ts'
import { fanOut } from '../../src/delivery/plan/fanout.ts'
import { newId } from '../../src/platform/ids.ts'
import { captureOf } from '../support/captures.ts'
import { openOwn, openParts, type TestParts } from '../support/test-parts.ts'
import {
  appendAll,
  deliveriesOf,
  endpointsOf,
  fanOutAll,
  names,
  newEndpoint,
  oweAll,
  viewerOf,
} from '../support/webhook-parts.ts'

describe('fan-out', () => {
  let parts: TestParts
  let workspaceId: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    workspaceId = newId('workspace')
    await fanOutAll(parts)
  })

  const owed = async () =>
    (await deliveriesOf(parts, workspaceId)).map(({ event_id, endpoint_id }) => `${event_id} ${endpoint_id}`)
  const product = (events: readonly string[], endpoints: readonly string[]) =>
    events.flatMap((event) => endpoints.toSorted().map((endpoint) => `${event} ${endpoint}`))

  it('owes a captured contact to an endpoint, due at once', async () => {
    const { id } = await newEndpoint(parts, workspaceId)
    const { contact } = await parts.writer.add(captureOf(workspaceId))
    await fanOutAll(parts)
    const [delivery, ...others] = await deliveriesOf(parts, workspaceId)
    expect(others).toEqual([])
    expect(delivery).toMatchObject({
      endpoint_id: id,
      contact_id: contact.id,
      status: 'PENDING',
      trigger: 'AUTOMATIC',
      attempt_count: 0,
    })
    expect(
      await parts.sql('select 1 from delivery where next_attempt_at <= now() and id = $1', [delivery!.id]),
    ).toHaveLength(1)
  })

  it('owes one delivery to each endpoint that wants the type, or every type', async () => {
    const created = await newEndpoint(parts, workspaceId, { events: ['contact.created'] })
    const updated = await newEndpoint(parts, workspaceId, { events: ['contact.updated', 'contact.erased'] })
    const all = await newEndpoint(parts, workspaceId, { events: ['*'] })
    const both = await newEndpoint(parts, workspaceId, { events: ['contact.created', '*'] })
    const [first, second] = await oweAll(parts, workspaceId, [{ type: 'contact.created' }, { type: 'contact.updated' }])
    expect(await owed()).toEqual([
      ...product([first!], [created.id, all.id, both.id]),
      ...product([second!], [updated.id, all.id, both.id]),
    ])
  })

  it('owes to no endpoint an event of another workspace', async () => {
    const other = newId('workspace')
    const mine = await newEndpoint(parts, workspaceId, { events: ['*'] })
    const theirs = await newEndpoint(parts, other, { events: ['*'] })
    const events = await appendAll(parts, workspaceId, [{}, {}])
    const [elsewhere] = await appendAll(parts, other, [{}])
    expect(await fanOut(parts.database, 0)).toMatchObject({ events: 3 })
    expect(await owed()).toEqual(product(events, [mine.id]))
    expect(await deliveriesOf(parts, other)).toMatchObject([{ event_id: elsewhere, endpoint_id: theirs.id }])
  })

  it('owes an event for one endpoint to that one alone, whatever it listens to', async () => {
    const { id } = await newEndpoint(parts, workspaceId, { events: ['contact.erased'] })
    await newEndpoint(parts, workspaceId, { events: ['*'] })
    const events = await oweAll(parts, workspaceId, [{ type: 'webhook.test', contactId: null, endpointId: id }])
    expect(await owed()).toEqual(product(events, [id]))
    expect(await deliveriesOf(parts, workspaceId)).toMatchObject([{ trigger: 'TEST', contact_id: null }])
  })

  it('owes nothing to an endpoint that is younger than the event', async () => {
    const old = await newEndpoint(parts, workspaceId)
    const events = await appendAll(parts, workspaceId, [{}])
    const young = await newEndpoint(parts, workspaceId)
    await parts.sql(`update webhook_endpoint set created_at = now() + interval '1 hour' where id = $1`, [young.id])
    await fanOutAll(parts)
    expect(await owed()).toEqual(product(events, [old.id]))
  })

  it.each(['DISABLED', 'AUTO_DISABLED'])('holds what it owes to one that is %s', async (status) => {
    const { id } = await newEndpoint(parts, workspaceId)
    await parts.sql('update webhook_endpoint set status = $2::text::webhook_endpoint_status where id = $1', [
      id,
      status,
    ])
    await oweAll(parts, workspaceId, [{}])
    expect(await deliveriesOf(parts, workspaceId)).toMatchObject([{ status: 'HELD', next_attempt_at: null }])
  })

  it('makes the first attempt due after the first delay of the schedule', async () => {
    await newEndpoint(parts, workspaceId)
    await oweAll(parts, workspaceId, [{}], 30)
    const [row] = await parts.sql<{ seconds: number }>(
      'select extract(epoch from next_attempt_at - created_at)::float8 as seconds from delivery where workspace_id = $1',
      [workspaceId],
    )
    expect(row!.seconds).toBeCloseTo(30, 1)
  })

  it('reads each event once, and tells how many', async () => {
    const { id } = await newEndpoint(parts, workspaceId)
    const events = await appendAll(parts, workspaceId, [{}, {}, {}])
    expect(await fanOut(parts.database, 0)).toMatchObject({ events: 3 })
    expect(await fanOut(parts.database, 0)).toMatchObject({ events: 0 })
    expect(await owed()).toEqual(product(events, [id]))
  })

  it('goes on past events that nobody wants', async () => {
    await appendAll(parts, workspaceId, [{}, {}])
    expect(await fanOut(parts.database, 0)).toMatchObject({ events: 2 })
    expect(await fanOut(parts.database, 0)).toMatchObject({ events: 0 })
  })

  it('gets through more than one page, whatever runs at once, without a gap or a repeat', async () => {
    const ids = [(await newEndpoint(parts, workspaceId)).id, (await newEndpoint(parts, workspaceId)).id]
    const pages = await Promise.all(
      Array.from({ length: 8 }, (_, page) =>
        appendAll(
          parts,
          workspaceId,
          Array.from({ length: 150 }, (_, index) => ({ contactId: `cont_${page}_${index}` })),
        ),
      ),
    )
    await Promise.all(Array.from({ length: 4 }, () => fanOutAll(parts)))
    const events = pages.flat()
    expect((await owed()).toSorted()).toEqual(product(events, ids).toSorted())
  })

  it('repeats a batch whole after a crash at its end', async () => {
    const { id } = await newEndpoint(parts, workspaceId)
    const events = await appendAll(parts, workspaceId, [{}, {}])
    let steps = 0
    const crashing: Database = {
      ...parts.database,
      inTransaction: (work) =>
        parts.database.inTransaction(async (tx) => {
          const query: Tx['query'] = (...given) => {
            steps++
            if (given[0].name === 'move_reader_position') throw new Error('crashed')
            return tx.query(...given)
          }
          return work({ ...tx, query })
        }),
    }
    await expect(fanOut(crashing, 0)).rejects.toThrow('crashed')
    expect(steps).toBeGreaterThan(3)
    expect(await owed()).toEqual([])
    await fanOutAll(parts)
    expect(await owed()).toEqual(product(events, [id]))
  })

  it('leaves a delivery that is there already as it is', async () => {
    const { id } = await newEndpoint(parts, workspaceId)
    const events = await oweAll(parts, workspaceId, [{}])
    await parts.sql(`update delivery set status = 'SUCCEEDED', attempt_count = 1 where workspace_id = $1`, [
      workspaceId,
    ])
    await parts.sql(`update reader_position set position = position - 1 where reader = 'fanout'`)
    expect(await fanOut(parts.database, 0)).toMatchObject({ events: 1 })
    expect(await owed()).toEqual(product(events, [id]))
    expect(await deliveriesOf(parts, workspaceId)).toMatchObject([{ status: 'SUCCEEDED', attempt_count: 1 }])
  })

  it('leaves no open delivery for an endpoint that is deleted meanwhile', async () => {
    const other = await openOwn(parts.own)
    for (let round = 0; round < 20; round++) {
      const { id } = await newEndpoint(parts, workspaceId)
      await appendAll(parts, workspaceId, [{}, {}, {}])
      await Promise.all([fanOut(other, 0), endpointsOf(parts).remove(viewerOf(workspaceId), id)])
      await fanOutAll(parts)
    }
    await other.close()
    const open = (await deliveriesOf(parts, workspaceId)).filter(({ status }) => status !== 'CANCELED')
    expect(open).toEqual([])
  })

  it('has nothing to do with what an endpoint listens to later', async () => {
    const { id } = await newEndpoint(parts, workspaceId, { events: ['contact.created'] })
    const events = await oweAll(parts, workspaceId, [{}])
    await endpointsOf(parts).update(viewerOf(workspaceId), id, { events: ['contact.erased'] }, names)
    await oweAll(parts, workspaceId, [{}])
    expect(await owed()).toEqual(product(events, [id]))
  })
})
