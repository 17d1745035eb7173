import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PreparedCapture } from '../../src/capture/write/prepared-capture.ts'
import { writeBatch } from '../../src/capture/write/write-batch.ts'
import { createCaptureWriter } from '../../src/capture/write/writer.ts'
import type { Database } from '../../src/database/database.ts'
import { newId } from '../../src/platform/ids.ts'
import { captureOf } from '../support/captures.ts'
import { eventually } from '../support/eventually.ts'
import { contactsOf, eventsOf, submissionsOf } from '../support/stored-rows.ts'
import { openOwn, openParts, runSql, type TestParts, valuesOf } from '../support/test-parts.ts'

describe('captures that come together', () => {
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
  const trusted = { keySpace: 'key_1', isTrusted: true }
  const eventTypes = async () => (await eventsOf(parts, workspaceId)).map(({ type }) => type)

  /** Captures that share one batch: as many as may be under way go ahead of them. */
  async function captureInOneBatch(records: readonly PreparedCapture[]) {
    const elsewhere = [captureOf(newId('workspace')), captureOf(newId('workspace'))]
    return (await parts.captureAll([...elsewhere, ...records])).slice(elsewhere.length)
  }

  it('for one new e-mail make one contact and one contact.created: 200 of them', async () => {
    const results = valuesOf(await parts.captureAll(Array.from({ length: 200 }, () => capture({ firstName: 'Jane' }))))
    expect(new Set(results.map(({ contact }) => contact.id)).size).toBe(1)
    expect(results.filter(({ outcome }) => outcome === 'CREATED')).toHaveLength(1)
    expect(await eventTypes()).toEqual(['contact.created'])
    const contacts = await contactsOf(parts, workspaceId)
    expect(contacts.map(({ submission_count }) => submission_count)).toEqual([200])
    expect(await submissionsOf(parts, workspaceId)).toHaveLength(200)
  })

  it('for one e-mail are merged in their order, and their events stand in it', async () => {
    const names = ['a', 'b', 'b', 'c', 'a']
    const results = valuesOf(
      await captureInOneBatch(names.map((name) => capture({ firstName: name, metadata: { [name]: 1 } }))),
    )
    expect(results.map(({ outcome }) => outcome)).toEqual(['CREATED', 'UPDATED', 'UNCHANGED', 'UPDATED', 'UPDATED'])
    expect(results.map(({ contact }) => contact.version)).toEqual([1, 2, 2, 3, 4])
    expect(results.map(({ contact }) => contact.firstName)).toEqual(names)
    const logged = (await eventsOf(parts, workspaceId)).map(({ body }) => JSON.parse(body))
    expect(logged.map(({ event, data, changed }) => [event, data.first_name, data.metadata, changed])).toEqual([
      ['contact.created', 'a', { a: 1 }, undefined],
      ['contact.updated', 'b', { a: 1, b: 1 }, ['first_name', 'metadata']],
      ['contact.updated', 'c', { a: 1, b: 1, c: 1 }, ['first_name', 'metadata']],
      ['contact.updated', 'a', { a: 1, b: 1, c: 1 }, ['first_name']],
    ])
    const [contact] = await contactsOf(parts, workspaceId)
    const metadata = { a: 1, b: 1, c: 1 }
    expect(contact).toMatchObject({ first_name: 'a', metadata, version: 4, submission_count: 5 })
  })

  it('for many e-mails, each twice and in another order, all get through', async () => {
    const emails = Array.from({ length: 150 }, (_, index) => `person-${index}@example.com`)
    const records = [...emails, ...emails.toReversed()].map((email, index) =>
      capture({ firstName: `name ${index}` }, { email }),
    )
    const results = valuesOf(await parts.captureAll(records))
    expect(results.map(({ contact }) => contact.email)).toEqual(records.map(({ email }) => email))
    expect(await contactsOf(parts, workspaceId)).toHaveLength(150)
    const types = await eventTypes()
    expect(types.filter((type) => type === 'contact.created')).toHaveLength(150)
    expect(types.filter((type) => type === 'contact.updated')).toHaveLength(150)
  })

  it('keep text as text, whatever it means to an array, to JSON or to SQL', async () => {
    const texts = ['NULL', 'null', '{}', '{"a"}', '"', '\\', 'a,b', "'; drop table contact; --", '\\u0000', '🙂', ' x ']
    const records = texts.map((text, index) =>
      capture(
        { firstName: text, source: text, metadata: { text } },
        { email: `${index}@example.com`, origin: text, posted: { text } },
      ),
    )
    const results = valuesOf(await captureInOneBatch(records))
    const three = texts.map((text) => [text, text, text])
    expect(results.map(({ contact }) => [contact.firstName, contact.source, contact.metadata['text']])).toEqual(three)
    const bodies = (await eventsOf(parts, workspaceId)).map(({ body }) => JSON.parse(body).data)
    expect(bodies.map((data) => [data.first_name, data.source, data.metadata.text]).toSorted()).toEqual(
      three.toSorted(),
    )
    const submissions = await submissionsOf(parts, workspaceId)
    expect(submissions.map(({ origin, fields }) => [origin, fields])).toEqual(texts.map((text) => [text, { text }]))
  })

  describe('with a poison row among them', () => {
    const poison = 'x\u0000y'

    it.each([
      ['in a name', { fields: { firstName: poison, metadata: {} } }],
      ['in metadata', { fields: { metadata: { note: poison } } }],
      ['in what was posted', { posted: { note: poison } }],
      ['in a header', { origin: poison }],
    ] as [string, Partial<PreparedCapture>][])('let it fail alone: %s', async (_, poisoned) => {
      const records = Array.from({ length: 20 }, (_, index) =>
        capture({}, { email: `${index}@example.com`, ...(index === 7 && poisoned) }),
      )
      const results = await captureInOneBatch(records)
      expect(results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([7])
      const written = (await contactsOf(parts, workspaceId)).map(({ email }) => email)
      expect(written.toSorted()).toEqual(
        records
          .filter((_, index) => index !== 7)
          .map(({ email }) => email)
          .toSorted(),
      )
      expect(await eventTypes()).toHaveLength(19)
      expect(await submissionsOf(parts, workspaceId)).toHaveLength(19)
    })

    it('leave nothing of it behind, not even its key, when it shares the e-mail of a good one', async () => {
      const idempotency = { key: 'k', bodyHash: 'h' }
      const results = await captureInOneBatch([
        capture({ firstName: 'Jane' }),
        capture({ firstName: poison }, { idempotency }),
        capture({ lastName: 'Doe' }),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      const [contact] = await contactsOf(parts, workspaceId)
      expect(contact).toMatchObject({ first_name: 'Jane', last_name: 'Doe', submission_count: 2, version: 2 })
      expect(await parts.sql('select 1 from idempotency_key where workspace_id = $1', [workspaceId])).toEqual([])
      const [again] = valuesOf(await parts.captureAll([capture({ firstName: 'Joan' }, { idempotency })]))
      expect(again).toMatchObject({ outcome: 'UPDATED', contact: { firstName: 'Joan' } })
    })
  })

  describe('with proofs of work', () => {
    const provenBy = (id: string) =>
      ({ status: 'ACCEPTED', proof: { id, expiresAt: new Date(Date.now() + 60_000) } }) as const
    const proven = (email: string, screening: PreparedCapture['screening'], more: Partial<PreparedCapture> = {}) =>
      capture({}, { email, screening, ...more })
    const verdicts = async () =>
      (await submissionsOf(parts, workspaceId)).map(({ status, spam_reasons: reasons }) => [status, ...reasons])

    it('let each count once', async () => {
      await captureInOneBatch([
        proven('first@example.com', provenBy('p1')),
        proven('second@example.com', provenBy('p1')),
        proven('other@example.com', provenBy('p2')),
      ])
      await captureInOneBatch([
        proven('third@example.com', { ...provenBy('p1'), status: 'HELD', reasons: ['too_many_links'] }),
      ])
      expect(await verdicts()).toEqual([
        ['ACCEPTED'],
        ['HELD', 'proof_reused'],
        ['ACCEPTED'],
        ['SPAM', 'too_many_links', 'proof_reused'],
      ])
      const emails = (await contactsOf(parts, workspaceId)).map(({ email }) => email)
      expect(emails.toSorted()).toEqual(['first@example.com', 'other@example.com'])
    })

    it('spend none with a capture that fails', async () => {
      const results = await captureInOneBatch([
        proven('poisoned@example.com', provenBy('p1'), { origin: 'x\u0000y' }),
        proven('first@example.com', provenBy('p1')),
      ])
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
      expect(await verdicts()).toEqual([['ACCEPTED']])
    })

    it('let each count once in each workspace', async () => {
      const record = proven('jane@example.com', provenBy('p1'))
      const elsewhere = { ...record, workspaceId: newId('workspace'), submissionId: newId('submission') }
      await captureInOneBatch([record, elsewhere])
      expect(await verdicts()).toEqual([['ACCEPTED']])
      expect(await submissionsOf(parts, elsewhere.workspaceId)).toMatchObject([{ status: 'ACCEPTED' }])
    })
  })

  it('do not wait for a batch that waits for the lock of a contact', async () => {
    await parts.writer.add(capture({}, { email: 'locked@example.com' }))
    let locked: Promise<unknown> = Promise.resolve()
    await parts.database.inTransaction(async (tx) => {
      await runSql(tx, 'select 1 from contact where workspace_id = $1 for update', [workspaceId])
      let isWritten = false
      locked = parts.writer.add(capture({}, { email: 'locked@example.com' })).finally(() => {
        isWritten = true
      })
      await new Promise((resolve) => setImmediate(resolve))
      expect(await parts.writer.add(capture({}, { email: 'free@example.com' }))).toMatchObject({ outcome: 'CREATED' })
      expect(isWritten).toBe(false)
    })
    await locked
  })

  describe('at two nodes', () => {
    it('make one contact and lose no update', async () => {
      const other = await openOwn(parts.own)
      const writers = [parts.writer, createCaptureWriter(other, parts.signals)]
      const adds = Array.from({ length: 180 }, (_, index) =>
        writers[index % 2]!.add(capture({ metadata: { [`k${index}`]: index } }, { caller: trusted })),
      )
      const results = valuesOf(await Promise.allSettled(adds))
      await other.close()
      expect(results.filter(({ outcome }) => outcome === 'CREATED')).toHaveLength(1)
      const [contact, ...others] = await contactsOf(parts, workspaceId)
      expect(others).toEqual([])
      expect(contact).toMatchObject({ submission_count: 180, version: 180 })
      expect(Object.keys(contact!.metadata)).toHaveLength(180)
      const events = await eventsOf(parts, workspaceId)
      const keys = events.map(({ body }) => Object.keys(JSON.parse(body).data.metadata).length)
      expect(keys).toEqual(Array.from({ length: 180 }, (_, index) => index + 1))
    })

    it.each([
      ['e-mails', () => null],
      ['keys', (name: string) => ({ key: name, bodyHash: 'h' })],
    ])('never deadlock over the same %s in another order', async (_, idempotencyOf) => {
      const other = await openOwn(parts.own)
      const counts = { transactions: 0, runs: 0 }
      const writers = [parts.database, other].map((database) =>
        createCaptureWriter(countingRuns(database, counts), parts.signals),
      )
      const send = (writer: number, order: readonly string[]) =>
        order.map((email) => writers[writer]!.add(capture({}, { email, idempotency: idempotencyOf(email) })))
      for (let round = 0; round < 15; round++) {
        const emails = Array.from({ length: 200 }, (_, index) => `${index}@${round}.example.com`)
        valuesOf(await Promise.allSettled([...send(0, emails), ...send(1, emails.toReversed())]))
      }
      await other.close()
      expect(await contactsOf(parts, workspaceId)).toHaveLength(3000)
      expect(counts.runs).toBe(counts.transactions)
    })

    it('never take a contact back in time: a transaction that began earlier may end later', async () => {
      const early = await parts.database.inTransaction(async (tx) => {
        const [began] = await runSql<{ now: Date }>(tx, 'select now()')
        await eventually(async () => {
          const [later] = await parts.sql<{ now: Date }>('select now()')
          return later!.now.getTime() > began!.now.getTime() + 2
        }, String)
        await parts.writer.add(capture({ firstName: 'Joan' }))
        return writeBatch(tx, [capture({ firstName: 'Jane' })])
      })
      expect(await early.results).toMatchObject([{ ok: true, value: { outcome: 'UPDATED' } }])
      const [contact] = await contactsOf(parts, workspaceId)
      expect(contact!.updated_at.getTime()).toBeGreaterThanOrEqual(contact!.created_at.getTime())
      expect(contact!.last_seen_at.getTime()).toBeGreaterThanOrEqual(contact!.created_at.getTime())
      const times = (await eventsOf(parts, workspaceId)).map(({ created_at }) => created_at.getTime())
      expect(times).toEqual(times.toSorted((one, other) => one - other))
    })
  })
})

/** The same database; a transaction that conflicts with another runs more than once. */
function countingRuns(database: Database, counts: { transactions: number; runs: number }): Database {
  return {
    ...database,
    inTransaction: (work) => {
      counts.transactions += 1
      return database.inTransaction((tx) => {
        counts.runs += 1
        return work(tx)
      })
    },
  }
}
