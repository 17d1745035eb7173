import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PreparedCapture } from '../../src/capture/write/prepared-capture.ts'
import { createCaptureWriter } from '../../src/capture/write/writer.ts'
import { newId } from '../../src/platform/ids.ts'
import { captureOf } from '../support/captures.ts'
import { contactsOf, eventsOf, submissionsOf } from '../support/stored-rows.ts'
import { codeOf, openOwn, openParts, type TestParts, valuesOf } from '../support/test-parts.ts'

describe('an Idempotency-Key', () => {
  let parts: TestParts
  let workspaceId: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(() => {
    workspaceId = newId('workspace')
  })

  /** A capture with the key `k`; another first name is another body. */
  const keyed = (firstName = 'Jane', wanted: Partial<PreparedCapture> = {}) =>
    captureOf(workspaceId, {
      fields: { firstName, metadata: { plan: 'pro' } },
      idempotency: { key: 'k', bodyHash: `hash of ${firstName}` },
      ...wanted,
    })
  const onlySubmission = async () => {
    const submissions = await submissionsOf(parts, workspaceId)
    expect(submissions).toHaveLength(1)
    return submissions[0]!
  }

  it('with the same body is answered as the first, and has no second effect', async () => {
    const first = await parts.writer.add(keyed())
    const again = await parts.writer.add(keyed())
    // No answer shows metadata or touches, and the second request has stored nothing.
    const contact = { ...first.contact, metadata: {}, firstTouch: null, lastTouch: null }
    expect(again).toEqual({ ...first, contact, status: null })
    expect((await onlySubmission()).id).toBe(first.submissionId)
    expect(await contactsOf(parts, workspaceId)).toMatchObject([{ submission_count: 1 }])
    expect(await eventsOf(parts, workspaceId)).toHaveLength(1)
  })

  it('is answered as it was the first time, though the contact has changed since', async () => {
    await parts.writer.add(keyed())
    await parts.writer.add(captureOf(workspaceId, { fields: { firstName: 'Joan', metadata: {} } }))
    const again = await parts.writer.add(keyed())
    expect(again).toMatchObject({ outcome: 'CREATED', contact: { firstName: 'Jane', version: 1 } })
    expect(await contactsOf(parts, workspaceId)).toMatchObject([{ first_name: 'Joan' }])
  })

  it('remembers whether its first caller saw the contact', async () => {
    const first = await parts.writer.add(keyed('Jane', { readsContacts: false }))
    const again = await parts.writer.add(keyed('Jane', { readsContacts: true }))
    expect([first.showedContact, again.showedContact]).toEqual([false, false])
  })

  it('with another body is refused, and changes nothing', async () => {
    await parts.writer.add(keyed('Jane'))
    expect(await codeOf(parts.writer.add(keyed('Joan')))).toBe('idempotency_conflict')
    expect(await onlySubmission()).toMatchObject({ outcome: 'CREATED' })
    expect(await contactsOf(parts, workspaceId)).toMatchObject([{ first_name: 'Jane', submission_count: 1 }])
    expect((await parts.writer.add(keyed('Jane'))).outcome).toBe('CREATED')
  })

  it('is honoured within one batch, other bodies among them, and its neighbours are written', async () => {
    const elsewhere = [captureOf(newId('workspace')), captureOf(newId('workspace'))]
    const bodies = ['Jane', 'Jane', 'Joan', 'Jane']
    const neighbour = captureOf(workspaceId, { email: 'neighbour@example.com' })
    const results = await parts.captureAll([...elsewhere, ...bodies.map((name) => keyed(name)), neighbour])
    const [first, second, other, third, beside] = results.slice(2)
    const [one, two, three] = valuesOf([first!, second!, third!])
    expect(other).toMatchObject({ status: 'rejected', reason: { code: 'idempotency_conflict' } })
    expect(beside).toMatchObject({ status: 'fulfilled', value: { outcome: 'CREATED' } })
    expect([two!.submissionId, three!.submissionId]).toEqual([one!.submissionId, one!.submissionId])
    expect([two!.contact.id, two!.contact.createdAt]).toEqual([one!.contact.id, one!.contact.createdAt])
    expect(await submissionsOf(parts, workspaceId)).toHaveLength(2)
    expect(await eventsOf(parts, workspaceId)).toHaveLength(2)
  })

  it('is honoured by 200 that arrive together', async () => {
    const results = valuesOf(await parts.captureAll(Array.from({ length: 200 }, () => keyed())))
    expect(new Set(results.map(({ submissionId }) => submissionId)).size).toBe(1)
    expect(results.every(({ outcome }) => outcome === 'CREATED')).toBe(true)
    await onlySubmission()
    expect(await contactsOf(parts, workspaceId)).toMatchObject([{ submission_count: 1 }])
  })

  it('lets one of two bodies win that arrive together, whichever', async () => {
    const results = await parts.captureAll(
      Array.from({ length: 100 }, (_, index) => keyed(index % 2 ? 'Jane' : 'Joan')),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(50)
    const won = valuesOf(results.filter(({ status }) => status === 'fulfilled'))
    expect(new Set(won.map(({ contact }) => contact.firstName)).size).toBe(1)
    await onlySubmission()
  })

  it('is honoured at two nodes', async () => {
    const other = await openOwn(parts.own)
    const writers = [parts.writer, createCaptureWriter(other, parts.signals)]
    const adds = Array.from({ length: 100 }, (_, index) => writers[index % 2]!.add(keyed()))
    const results = valuesOf(await Promise.allSettled(adds))
    await other.close()
    expect(new Set(results.map(({ submissionId }) => submissionId)).size).toBe(1)
    await onlySubmission()
  })

  it('is another one in another workspace, and for another spelling', async () => {
    const elsewhere = newId('workspace')
    const results = valuesOf(
      await parts.captureAll([
        keyed('Jane'),
        { ...keyed('Joan'), workspaceId: elsewhere },
        keyed('June', { idempotency: { key: 'K', bodyHash: 'hash of June' } }),
      ]),
    )
    expect(new Set(results.map(({ submissionId }) => submissionId)).size).toBe(3)
    expect(await submissionsOf(parts, elsewhere)).toHaveLength(1)
  })

  it('is free again after 24 hours, and not before', async () => {
    const age = (hours: number) =>
      parts.sql(`update idempotency_key set created_at = now() - $2 * interval '1 hour' where workspace_id = $1`, [
        workspaceId,
        hours,
      ])
    await parts.writer.add(keyed('Jane'))
    await age(23.99)
    expect(await codeOf(parts.writer.add(keyed('Joan')))).toBe('idempotency_conflict')
    await age(24.01)
    expect((await parts.writer.add(keyed('Joan'))).outcome).toBe('UPDATED')
    expect((await parts.writer.add(keyed('Joan'))).contact.firstName).toBe('Joan')
    expect(await codeOf(parts.writer.add(keyed('Jane')))).toBe('idempotency_conflict')
    expect(await submissionsOf(parts, workspaceId)).toHaveLength(2)
  })

  it('of spam is answered like the first, without a contact', async () => {
    const spam = keyed('Jane', { screening: { status: 'SPAM', reasons: ['honeypot'] } })
    const first = await parts.writer.add(spam)
    const again = await parts.writer.add({ ...spam, submissionId: newId('submission') })
    expect([again.contact.id, again.outcome]).toEqual([first.contact.id, null])
    expect((await onlySubmission()).status).toBe('SPAM')
    expect(await contactsOf(parts, workspaceId)).toEqual([])
  })

  describe('11.6: of each caller class', () => {
    const held = { status: 'HELD', reasons: ['too_many_links'] } as const
    const ofKey = (id: string) => ({ caller: { keySpace: id, isTrusted: true } })
    const count = async () => (await submissionsOf(parts, workspaceId)).length

    it('is a name of its own: a stranger, and two keys, one after the other', async () => {
      await parts.writer.add(keyed('Jane'))
      const first = await parts.writer.add(keyed('Joan', ofKey('key_1')))
      await parts.writer.add(keyed('June', ofKey('key_2')))
      expect(await count()).toBe(3)
      expect(await codeOf(parts.writer.add(keyed('Jane', ofKey('key_1'))))).toBe('idempotency_conflict')
      expect(await parts.writer.add(keyed('Joan', ofKey('key_1')))).toMatchObject({ submissionId: first.submissionId })
      expect(await codeOf(parts.writer.add(keyed('June')))).toBe('idempotency_conflict')
      expect(await count()).toBe(3)
    })

    it('is a name of its own within one batch', async () => {
      const names = ['Jane', 'Joan', 'June']
      const classes = [{}, ofKey('key_1'), ofKey('key_2')]
      const sent = names.map((name, nth) => keyed(name, classes[nth]))
      const again = sent.map((record) => ({ ...record, submissionId: newId('submission') }))
      // One batch at a time: of two at once the second may be first, and write what a stranger cannot replace.
      const writer = createCaptureWriter(parts.database, parts.signals, { inFlight: 1 })
      const results = await Promise.all([...sent, ...again].map((record) => writer.add(record)))
      expect(results.map(({ contact }) => contact.firstName)).toEqual([...names, ...names])
      expect(await count()).toBe(3)
    })

    it("never replays a stranger's held capture to a key", async () => {
      await parts.writer.add(keyed('Jane', { screening: held }))
      const result = await parts.writer.add(keyed('Jane', ofKey('key_1')))
      expect(result.outcome).toBe('CREATED')
      expect(await contactsOf(parts, workspaceId)).toMatchObject([{ id: result.contact.id, first_name: 'Jane' }])
    })

    describe('from before the upgrade, when keys named no caller,', () => {
      const isNowOfOlderVersion = () =>
        parts.sql(`update idempotency_key set caller = '*' where workspace_id = $1`, [workspaceId])

      it.each([
        ['a stranger', 'a stranger', {}, {}],
        ['a key', 'a key', { ...ofKey('key_1'), readsContacts: true }, { ...ofKey('key_1'), readsContacts: true }],
        ['a key that reads no contacts', 'any key', ofKey('key_1'), ofKey('key_2')],
      ])('is replayed for the same body: stored by %s, sent by %s', async (_, _sender, first, second) => {
        const stored = await parts.writer.add(keyed('Jane', first))
        await isNowOfOlderVersion()
        const results = await parts.captureAll([keyed('Jane', second), keyed('Jane', second)])
        expect(valuesOf(results).map(({ submissionId }) => submissionId)).toEqual([
          stored.submissionId,
          stored.submissionId,
        ])
        expect(await count()).toBe(1)
      })

      it.each([
        ['a stranger, what showed a contact to a key', { ...ofKey('key_1'), readsContacts: true }, {}, 'Jane'],
        ['a key, what a stranger had held', { screening: held }, ofKey('key_1'), 'Jane'],
        ['a key, another body', {}, ofKey('key_1'), 'Joan'],
      ])('is not replayed to %s', async (_, first, second, name) => {
        const stored = await parts.writer.add(keyed('Jane', first))
        await isNowOfOlderVersion()
        const result = await parts.writer.add(keyed(name, second))
        expect(result.submissionId).not.toBe(stored.submissionId)
        expect(result.outcome).not.toBeNull()
        const again = await parts.writer.add(keyed(name, second))
        expect(again.submissionId).toBe(result.submissionId)
      })

      it('is free after its day', async () => {
        const stored = await parts.writer.add(keyed('Jane'))
        await isNowOfOlderVersion()
        await parts.sql(`update idempotency_key set created_at = now() - interval '24 hours' where workspace_id = $1`, [
          workspaceId,
        ])
        expect((await parts.writer.add(keyed('Jane'))).submissionId).not.toBe(stored.submissionId)
      })
    })
  })
})
