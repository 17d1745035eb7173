import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PreparedCapture } from '../../src/capture/write/prepared-capture.ts'
import { newId } from '../../src/platform/ids.ts'
import { captureOf } from '../support/captures.ts'
import { contactsOf, eventsOf, submissionsOf } from '../support/stored-rows.ts'
import { openParts, type TestParts, valuesOf } from '../support/test-parts.ts'

describe('the capture writer', () => {
  let parts: TestParts
  let workspaceId: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(() => {
    workspaceId = newId('workspace')
  })

  const capture = (fields: Partial<PreparedCapture['fields']> = {}, wanted: Partial<PreparedCapture> = {}) =>
    captureOf(workspaceId, { fields: { metadata: {}, ...fields }, ...wanted })
  const add = (...given: Parameters<typeof capture>) => parts.writer.add(capture(...given))
  const events = () => eventsOf(parts, workspaceId)
  const eventTypes = async () => (await events()).map(({ type }) => type)
  const submissions = () => submissionsOf(parts, workspaceId)
  const onlyContact = async () => {
    const found = await contactsOf(parts, workspaceId)
    expect(found).toHaveLength(1)
    return found[0]!
  }

  describe('a new e-mail', () => {
    it('makes a contact, an event and a submission that say the same', async () => {
      const posted = { email: 'Jane@example.com', first_name: 'Jane', plan: 'pro' }
      const record = capture({ firstName: 'Jane', lastName: 'Doe', source: 'organic', metadata: { plan: 'pro' } })
      const result = await parts.writer.add({ ...record, posted })
      const { contact } = result
      expect(result).toMatchObject({ submissionId: record.submissionId, outcome: 'CREATED', showedContact: false })
      expect(contact).toMatchObject({ firstName: 'Jane', stage: 'lead', version: 1, email: 'jane@example.com' })
      expect(await onlyContact()).toMatchObject({ id: contact.id, first_name: 'Jane', submission_count: 1, version: 1 })
      expect(await submissions()).toEqual([
        expect.objectContaining({
          id: record.submissionId,
          status: 'ACCEPTED',
          outcome: 'CREATED',
          contact_id: contact.id,
          fields: posted,
          spam_reasons: [],
          changes: [
            { field: 'email', before: null, after: 'jane@example.com' },
            { field: 'first_name', before: null, after: 'Jane' },
            { field: 'last_name', before: null, after: 'Doe' },
            { field: 'source', before: null, after: 'organic' },
            { field: 'stage', before: null, after: 'lead' },
            { field: 'metadata.plan', before: null, after: 'pro' },
          ],
        }),
      ])
    })

    it('makes one contact.created whose body is that of the contract, to the byte', async () => {
      const { contact } = await add({ firstName: 'Zoë "Z"', source: 'organic', metadata: { plan: 'pro' } })
      const [event, ...others] = await events()
      expect(others).toEqual([])
      expect(event).toMatchObject({ type: 'contact.created', contact_id: contact.id, endpoint_id: null })
      const time = contact.createdAt.toISOString()
      expect(event!.body).toBe(
        `{"id":"${event!.id}","event":"contact.created","timestamp":"${time}","data":{"id":"${contact.id}",` +
          `"email":"jane@example.com","first_name":"Zoë \\"Z\\"","last_name":null,"stage":"lead","source":"organic",` +
          `"metadata":{"plan":"pro"},"created_at":"${time}","updated_at":"${time}"}}`,
      )
      expect(event!.created_at.toISOString()).toBe(time)
      expect(event!.id).toMatch(/^evt_/)
    })

    it('takes the stage that its caller may set', async () => {
      expect((await add({ stage: 'customer' })).contact.stage).toBe('customer')
    })

    it('is another contact in another workspace', async () => {
      const other = captureOf(newId('workspace'))
      const [one, two] = valuesOf(await parts.captureAll([capture(), other]))
      expect([one!.outcome, two!.outcome]).toEqual(['CREATED', 'CREATED'])
      expect(one!.contact.id).not.toBe(two!.contact.id)
      expect(await eventTypes()).toEqual(['contact.created'])
    })
  })

  describe('a known e-mail', () => {
    it('that brings nothing new makes no event, and a submission all the same', async () => {
      const first = await add({ firstName: 'Jane', metadata: { seats: 3, trial: false } })
      const again = await add({ firstName: 'Jane', metadata: { trial: false, seats: 3 } })
      expect(again).toMatchObject({ outcome: 'UNCHANGED', contact: { id: first.contact.id, version: 1 } })
      expect(await eventTypes()).toEqual(['contact.created'])
      const [, unchanged] = await submissions()
      expect(unchanged).toMatchObject({ outcome: 'UNCHANGED', contact_id: first.contact.id, changes: [] })
      const { updated_at, submission_count } = await onlyContact()
      expect(updated_at).toEqual(first.contact.updatedAt)
      expect(submission_count).toBe(2)
    })

    it('that changes something makes one contact.updated that names it', async () => {
      const { contact } = await add({ firstName: 'Joan', metadata: { plan: 'free' } })
      const result = await add({ firstName: 'Jane', lastName: 'Doe', metadata: { plan: 'pro', seats: 3 } })
      expect(result).toMatchObject({ outcome: 'UPDATED', contact: { version: 2, createdAt: contact.createdAt } })
      const [, updated] = await events()
      expect(JSON.parse(updated!.body)).toEqual({
        id: updated!.id,
        event: 'contact.updated',
        timestamp: result.contact.updatedAt.toISOString(),
        data: {
          id: contact.id,
          email: 'jane@example.com',
          first_name: 'Jane',
          last_name: 'Doe',
          stage: 'lead',
          source: null,
          metadata: { plan: 'pro', seats: 3 },
          created_at: contact.createdAt.toISOString(),
          updated_at: result.contact.updatedAt.toISOString(),
        },
        changed: ['first_name', 'last_name', 'metadata'],
      })
      expect(await onlyContact()).toMatchObject({ first_name: 'Jane', metadata: { plan: 'pro', seats: 3 }, version: 2 })
      expect((await submissions())[1]!.changes).toContainEqual({ field: 'first_name', before: 'Joan', after: 'Jane' })
    })

    it('keeps what was not sent', async () => {
      await add({ firstName: 'Jane', lastName: 'Doe', source: 'organic', metadata: { plan: 'pro' } })
      const { outcome, contact } = await add({})
      expect(outcome).toBe('UNCHANGED')
      expect(contact).toMatchObject({
        firstName: 'Jane',
        lastName: 'Doe',
        source: 'organic',
        metadata: { plan: 'pro' },
      })
    })

    it('fills only what is empty with FILL_EMPTY', async () => {
      await add({ firstName: 'Joan', metadata: { plan: 'free' } })
      const fields = { firstName: 'Jane', lastName: 'Doe', metadata: { plan: 'pro', seats: 3 } }
      const { contact } = await add(fields, { mergePolicy: 'FILL_EMPTY' })
      expect(contact).toMatchObject({ firstName: 'Joan', lastName: 'Doe', metadata: { plan: 'free', seats: 3 } })
      expect(JSON.parse((await events())[1]!.body).changed).toEqual(['last_name', 'metadata'])
    })

    it('keeps its stage unless the caller may set one', async () => {
      await add({ stage: 'customer' })
      expect((await add({ firstName: 'Jane' })).contact.stage).toBe('customer')
      expect((await add({ stage: 'lost' })).contact.stage).toBe('lost')
    })
  })

  describe('touches', () => {
    const metadata = { utm_source: 'google', utm_campaign: 'spring' }

    it('are set by the first that carries something, and only the last is replaced', async () => {
      await add()
      await add({ metadata })
      await add({ metadata: { utm_campaign: 'summer' } })
      await add({ firstName: 'Jane' })
      const { first_touch, last_touch } = await onlyContact()
      expect(first_touch).toMatchObject({ source: 'google', campaign: 'spring' })
      expect(last_touch).toMatchObject({ source: null, campaign: 'summer' })
    })

    it('are no change: no event, no version, though they are stored', async () => {
      const first = await add({ metadata })
      const longAgo = '{"capturedAt": "2020-01-01T00:00:00.000Z"}'
      await parts.sql(
        `update contact set first_touch = first_touch || $2::text::jsonb, last_touch = last_touch || $2::text::jsonb
         where workspace_id = $1`,
        [workspaceId, longAgo],
      )
      const again = await add({ metadata })
      expect(again).toMatchObject({ outcome: 'UNCHANGED', contact: { version: 1, updatedAt: first.contact.updatedAt } })
      expect(await eventTypes()).toEqual(['contact.created'])
      const { version, updated_at, first_touch, last_touch } = await onlyContact()
      expect({ version, updated_at }).toEqual({ version: 1, updated_at: first.contact.updatedAt })
      expect(first_touch!.capturedAt).toBe('2020-01-01T00:00:00.000Z')
      expect(last_touch!.capturedAt > '2026').toBe(true)
    })
  })

  it('writes a capture that is spam as a submission and nothing else, and does not show it', async () => {
    const [good] = valuesOf(await parts.captureAll([capture({ firstName: 'Jane' })]))
    const screening = { status: 'SPAM', reasons: ['honeypot', 'too_many_links'] } as const
    const [spam] = valuesOf(await parts.captureAll([capture({ firstName: 'Joan' }, { screening })]))
    expect(spam).toMatchObject({
      outcome: null,
      contact: { firstName: 'Joan', stage: 'lead', email: 'jane@example.com' },
    })
    expect(spam!.contact.id).not.toBe(good!.contact.id)
    expect(spam).toMatchObject({ showedContact: false, isPrivate: true })
    expect(await onlyContact()).toMatchObject({ first_name: 'Jane', submission_count: 1 })
    expect(await eventTypes()).toEqual(['contact.created'])
    expect((await submissions())[1]).toMatchObject({
      status: 'SPAM',
      outcome: null,
      contact_id: null,
      changes: [],
      spam_reasons: ['honeypot', 'too_many_links'],
    })
  })
})
