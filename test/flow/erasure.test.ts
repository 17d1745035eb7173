import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { erasureParticipants as participants } from '../../src/app/domain.ts'
import { createContactErasure } from '../../src/contacts/erase-contact.ts'
import { createManualDeliveries } from '../../src/delivery/manual-deliveries.ts'
import { fanOut } from '../../src/delivery/plan/fanout.ts'
import { readEventsAfter } from '../../src/events/event-log.ts'
import { newId } from '../../src/platform/ids.ts'
import { captureOf } from '../support/captures.ts'
import { eventually } from '../support/eventually.ts'
import { interceptedAfter } from '../support/intercepted.ts'
import { openParts, type TestParts, valuesOf } from '../support/test-parts.ts'
import { deliveriesOf, endpointsOf, fanOutAll, names, viewerOf } from '../support/webhook-parts.ts'

describe('an erasure', () => {
  let parts: TestParts

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts?.close())

  const erasure = () => createContactErasure({ ...parts, participants })
  const newEndpoint = (workspaceId: string, events: string[]) =>
    endpointsOf(parts).create(viewerOf(workspaceId), { url: 'http://127.0.0.1:9/', events }, names)
  const capture = async (workspaceId: string, email = 'jane@example.com') => {
    const [result] = valuesOf(await parts.captureAll([captureOf(workspaceId, { email })]))
    return result!.contact.id
  }
  const logOf = async (workspaceId: string) =>
    readEventsAfter(parts.database, { position: 0, limit: 10_000, workspaceId })
  /** As if an attempt had been claimed, whatever came of it. */
  const claimAll = (workspaceId: string) =>
    parts.sql('update delivery set lease_token = 1 where workspace_id = $1', [workspaceId])
  const owedTypes = async (workspaceId: string, endpointId: string) => {
    const events = new Map((await logOf(workspaceId)).map(({ id, type }) => [id, type]))
    const rows = await deliveriesOf(parts, workspaceId)
    return rows.filter((row) => row.endpoint_id === endpointId).map((row) => events.get(row.event_id))
  }

  it('that comes before the fan-out leaves nothing to owe, and nobody to tell', async () => {
    const workspaceId = newId('workspace')
    const { id: endpointId } = await newEndpoint(workspaceId, ['contact.created'])
    const id = await capture(workspaceId)
    expect(await erasure().erase(viewerOf(workspaceId), id)).toMatchObject({ eventsRedacted: 1, deliveriesCanceled: 0 })
    await fanOutAll(parts)
    expect(await owedTypes(workspaceId, endpointId)).toEqual([])
    expect((await logOf(workspaceId)).map(({ type, body }) => [type, JSON.parse(body).data])).toEqual([
      ['contact.created', { id }],
      ['contact.erased', { id }],
    ])
  })

  it('is told to an endpoint that has been tried, whatever it lists, and to one that lists it', async () => {
    const workspaceId = newId('workspace')
    const tried = await newEndpoint(workspaceId, ['contact.created'])
    const id = await capture(workspaceId)
    await fanOutAll(parts)
    await claimAll(workspaceId)
    const late = await newEndpoint(workspaceId, ['contact.created'])
    const wanting = await newEndpoint(workspaceId, ['*'])
    await erasure().erase(viewerOf(workspaceId), id)
    await fanOutAll(parts)
    expect(await owedTypes(workspaceId, tried.id)).toEqual(['contact.created', 'contact.erased'])
    expect(await owedTypes(workspaceId, late.id)).toEqual([])
    expect(await owedTypes(workspaceId, wanting.id)).toEqual(['contact.erased'])
  })

  it('is told to whoever takes contacts once retention has taken what would say who was told', async () => {
    const workspaceId = newId('workspace')
    const takes = await newEndpoint(workspaceId, ['contact.updated'])
    const other = await newEndpoint(workspaceId, ['webhook.failing'])
    const id = await capture(workspaceId)
    await fanOutAll(parts)
    for (const table of ['event', 'delivery'])
      await parts.sql(`delete from ${table} where workspace_id = $1`, [workspaceId])
    await erasure().erase(viewerOf(workspaceId), id)
    await fanOutAll(parts)
    expect(await owedTypes(workspaceId, takes.id)).toEqual(['contact.erased'])
    expect(await owedTypes(workspaceId, other.id)).toEqual([])
  })

  it('leaves an e-mail that is another contact’s by now', async () => {
    const workspaceId = newId('workspace')
    const id = await capture(workspaceId)
    await parts.sql(`update contact set email = 'new@example.com' where workspace_id = $1`, [workspaceId])
    const otherId = await capture(workspaceId)
    const spam = captureOf(workspaceId, {
      screening: { status: 'SPAM', reasons: ['honeypot'] },
      posted: { of: 'other' },
    })
    await parts.captureAll([spam])
    expect(await erasure().erase(viewerOf(workspaceId), id)).toMatchObject({ submissionsRedacted: 1 })
    expect(await parts.sql('select id from contact where workspace_id = $1', [workspaceId])).toEqual([{ id: otherId }])
    expect(await parts.sql('select fields from submission where id = $1', [spam.submissionId])).toEqual([
      { fields: { of: 'other' } },
    ])
  })

  it('does not touch another workspace', async () => {
    const [workspaceId, otherId] = [newId('workspace'), newId('workspace')]
    const id = await capture(workspaceId)
    expect(await erasure().erase(viewerOf(otherId), id)).toBeUndefined()
    expect(await parts.sql('select id from contact where id = $1', [id])).toHaveLength(1)
  })

  it('and captures of the same person at the same time: each is erased with it or makes someone new', async () => {
    const workspaceId = newId('workspace')
    const { id: endpointId } = await newEndpoint(workspaceId, ['contact.created', 'contact.updated'])
    const acknowledged: string[] = []
    const erasedIds: string[] = []
    let current = await capture(workspaceId)
    for (let round = 0; round < 15; round++) {
      const erasing = erasure().erase(viewerOf(workspaceId), current)
      const captures = Array.from({ length: 4 }, (_, nth) =>
        capture(workspaceId, nth === 3 ? 'bob@example.com' : undefined),
      )
      const fanning = fanOut(parts.database, 0)
      const [erased, , ...ids] = await Promise.all([erasing, fanning, ...captures])
      if (erased !== undefined) erasedIds.push(erased.id)
      acknowledged.push(...ids)
      current = await capture(workspaceId)
    }
    await fanOutAll(parts)
    const contacts = await parts.sql<{ id: string; email: string }>(
      'select id, email from contact where workspace_id = $1 order by email',
      [workspaceId],
    )
    expect(erasedIds).toHaveLength(15)
    expect(contacts.map((contact) => contact.email)).toEqual(['bob@example.com', 'jane@example.com'])
    expect(contacts.filter(({ id }) => erasedIds.includes(id))).toEqual([])
    const known = new Set([...erasedIds, ...contacts.map(({ id }) => id)])
    expect(acknowledged.filter((id) => !known.has(id))).toEqual([])

    const log = await logOf(workspaceId)
    const created = log.filter(({ type }) => type === 'contact.created').map(({ contactId }) => contactId)
    expect(created.sort()).toEqual([...known].sort())
    for (const { type, contactId, body } of log)
      if (erasedIds.includes(contactId ?? '') && type !== 'contact.erased')
        expect(JSON.parse(body).data).toEqual({ id: contactId })
    const open = (await deliveriesOf(parts, workspaceId)).filter(({ status }) => status === 'PENDING')
    const aboutErased = open.filter((row) => erasedIds.includes(row.contact_id ?? ''))
    expect(aboutErased).toEqual([])
    expect(open.length).toBeGreaterThan(0)
    expect(open.every((row) => row.endpoint_id === endpointId)).toBe(true)
  })

  describe('begun while another works on the contact', () => {
    /** Begins an erasure when the statement has run; goes on once the erasure waits, or is through. */
    const erasingAfter = (name: string, workspaceId: string, id: string) => {
      let erasing: Promise<unknown> = Promise.resolve()
      let isThrough = false
      const database = interceptedAfter(parts.database, name, async () => {
        erasing = erasure()
          .erase(viewerOf(workspaceId), id)
          .then(() => {
            isThrough = true
          })
        const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        await eventually(
          async () => isThrough || (await parts.sql(waiting)).length > 0,
          () => 'not waiting',
        )
      })
      return { database, ended: () => erasing }
    }
    const statusesOf = async (workspaceId: string) =>
      (await deliveriesOf(parts, workspaceId)).map(({ status }) => status)

    it('takes back what the fan-out has just read and owes', async () => {
      const workspaceId = newId('workspace')
      await newEndpoint(workspaceId, ['contact.created'])
      await fanOutAll(parts)
      const { database, ended } = erasingAfter('select_next_event_heads', workspaceId, await capture(workspaceId))
      await fanOut(database, 0)
      await ended()
      await fanOutAll(parts)
      expect(await statusesOf(workspaceId)).toEqual(['CANCELED'])
    })

    it('takes back what is retried by hand', async () => {
      const workspaceId = newId('workspace')
      await newEndpoint(workspaceId, ['contact.created'])
      const id = await capture(workspaceId)
      await fanOutAll(parts)
      await parts.sql(`update delivery set status = 'FAILED' where workspace_id = $1`, [workspaceId])
      const [failed] = await deliveriesOf(parts, workspaceId)
      const { database, ended } = erasingAfter('lock_delivery_for_retry', workspaceId, id)
      await createManualDeliveries(database, parts.signals).retry(viewerOf(workspaceId), failed!.id)
      await ended()
      expect(await statusesOf(workspaceId)).toEqual(['CANCELED'])
    })
  })
})
