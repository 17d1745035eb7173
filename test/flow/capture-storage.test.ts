import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { erasureParticipants as participants } from '../../src/app/domain.ts'
import type { CallerClass } from '../../src/capture/caller-class.ts'
import { createModeration } from '../../src/capture/moderation.ts'
import { readStorage } from '../../src/capture/storage.ts'
import { measureStorage } from '../../src/capture/storage-metrics.ts'
import { pruneCaptures } from '../../src/capture/submission-retention.ts'
import type { PreparedCapture } from '../../src/capture/write/prepared-capture.ts'
import { writeBatch } from '../../src/capture/write/write-batch.ts'
import { createCaptureWriter } from '../../src/capture/write/writer.ts'
import { createContactErasure } from '../../src/contacts/erase-contact.ts'
import { newId } from '../../src/platform/ids.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createWorkspace, createWorkspaces } from '../../src/workspaces/workspace.ts'
import { captureOf } from '../support/captures.ts'
import { contactsOf, eventsOf, submissionsOf } from '../support/stored-rows.ts'
import { openParts, type TestParts, valuesOf } from '../support/test-parts.ts'
import { viewerOf } from '../support/webhook-parts.ts'

const trusted: CallerClass = { keySpace: 'key_1', isTrusted: true }
const long = 'x'.repeat(490)
/** Of 25 KB, as the metadata of a capture may be. */
const large = Object.fromEntries(Array.from({ length: 50 }, (_, nth) => [`key_${nth}`, long]))
const held = { status: 'HELD', reasons: ['form_too_fast'] } as const
const spam = { status: 'SPAM', reasons: ['honeypot'] } as const

describe('11.16: the storage of anonymous captures', () => {
  let parts: TestParts
  let workspaceId: string
  let count = 0

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts?.close())
  beforeEach(async () => {
    const slug = `space-${++count}`
    const made = await createWorkspace(parts.database, { slug, name: slug, actor: 'system' })
    if (made.kind !== 'created') throw new Error('The slug is taken.')
    workspaceId = made.workspaceId
  })

  const record = (email: string, wanted: Partial<PreparedCapture> = {}, metadata: Record<string, string> = large) => {
    const posted = { email, metadata }
    const byteLength = JSON.stringify(posted).length
    return captureOf(workspaceId, { email, posted, fields: { metadata }, byteLength, ...wanted })
  }
  const add = async (...records: readonly PreparedCapture[]) => valuesOf(await parts.captureAll(records))
  const used = async () => (await readStorage(parts.database, [workspaceId])).get(workspaceId) ?? 0
  const submissions = () => submissionsOf(parts, workspaceId)
  const storedBytes = async () => {
    const text = 'select coalesce(sum(stored_bytes), 0)::int as bytes from submission where workspace_id = $1'
    return (await parts.sql<{ bytes: number }>(text, [workspaceId]))[0]!.bytes
  }
  const bounded = (maxBytes: number) => createCaptureWriter(parts.database, parts.signals, { maxBytes })
  const erase = (id: string) => createContactErasure({ ...parts, participants }).erase(viewerOf(workspaceId), id)

  describe('is counted', () => {
    it('with the capture: fields, contact and event, and each row', async () => {
      await add(record('one@example.com'))
      const one = await used()
      expect(one).toBeGreaterThan(3 * 25_000)
      expect(one).toBeLessThan(4 * 25_000)
      await add(record('two@example.com'), record('three@example.com'))
      expect(await used()).toBeGreaterThan(2.9 * one)
      expect(await used()).toBe(await storedBytes())
    })

    it('for each workspace alone, and not for trusted callers', async () => {
      await add(record('jane@example.com', { caller: trusted }))
      await add({ ...record('jane@example.com'), workspaceId: newId('workspace') })
      expect([await used(), await storedBytes()]).toEqual([0, 0])
    })

    it('once for a capture that is sent again with its key', async () => {
      const idempotency = { key: 'key', bodyHash: 'hash' }
      await add(record('jane@example.com', { idempotency }))
      const once = await used()
      await add(record('jane@example.com', { idempotency }))
      expect(await used()).toBe(once)
    })

    it('not where the capture is rolled back', async () => {
      const failing = parts.database.inTransaction(async (tx) => {
        await writeBatch(tx, [record('jane@example.com')])
        throw new Error('It fails late.')
      })
      await expect(failing).rejects.toThrow('It fails late.')
      expect([await used(), (await submissions()).length]).toEqual([0, 0])
    })

    it('by captures at the same time, in several rows that sum up', async () => {
      const writer = createCaptureWriter(parts.database, parts.signals, { maxItems: 1, inFlight: 4 })
      const records = Array.from({ length: 40 }, (_, nth) => record(`lead-${nth}@example.com`, {}, { plan: 'pro' }))
      await Promise.all(records.map((each) => writer.add(each)))
      expect(await used()).toBe(await storedBytes())
      const slots = await parts.sql('select 1 from capture_storage where workspace_id = $1', [workspaceId])
      expect(slots.length).toBeGreaterThan(1)
      expect(slots.length).toBeLessThanOrEqual(8)
    })
  })

  describe('is given back', () => {
    it('by an erasure, whole, and once where it is begun twice', async () => {
      await add(record('other@example.com'))
      const before = await used()
      const [first] = await add(record('jane@example.com'))
      await add(record('jane@example.com', {}, { plan: 'pro' }), record('jane@example.com', { screening: held }))
      expect(await used()).toBeGreaterThan(before)
      await Promise.all([erase(first!.contact.id), erase(first!.contact.id)])
      expect([await used(), await storedBytes()]).toEqual([before, before])
    })

    it('by retention, when it deletes spam', async () => {
      await add(record('jane@example.com', { screening: spam }))
      expect(await used()).toBeGreaterThan(25_000)
      await parts.sql(`update submission set received_at = now() - interval '31 days'`)
      while (await pruneCaptures(parts.database, 30));
      expect(await used()).toBe(0)
    })
  })

  describe('above the bound of its workspace', () => {
    it('keeps a capture HELD without its raw fields, and answers it alike', async () => {
      const writer = bounded(50_000)
      await writer.add(record('one@example.com'))
      const wanted = { origin: 'https://example.com', userAgent: 'Firefox', isPrivate: true }
      const result = await writer.add(record('two@example.com', wanted))
      expect(result).toMatchObject({ outcome: null, contact: { email: 'two@example.com', stage: 'lead' } })
      expect(await contactsOf(parts, workspaceId)).toHaveLength(1)
      expect(await eventsOf(parts, workspaceId)).toHaveLength(1)
      const [, over] = await submissions()
      expect(over).toMatchObject({ status: 'HELD', fields: {}, changes: [], origin: null, user_agent: null })
      expect(over).toMatchObject({ spam_reasons: ['over_storage'], email: 'two@example.com', raw_bytes: 0 })
    })

    it('adds a reason to what is screened, and makes none of it spam', async () => {
      const writer = bounded(1)
      await writer.add(record('zero@example.com'))
      await writer.add(record('one@example.com', { screening: held }))
      await writer.add(record('two@example.com', { screening: spam }))
      expect(
        (await submissions()).slice(1).map(({ status, spam_reasons, fields }) => [status, spam_reasons, fields]),
      ).toEqual([
        ['HELD', ['form_too_fast', 'over_storage'], {}],
        ['SPAM', ['honeypot', 'over_storage'], {}],
      ])
    })

    it('stops within a batch', async () => {
      const writer = bounded(100_000)
      const records = Array.from({ length: 20 }, (_, nth) => record(`lead-${nth}@example.com`))
      await Promise.all(records.map((each) => writer.add(each)))
      const accepted = (await submissions()).filter(({ status }) => status === 'ACCEPTED')
      expect(accepted.length).toBeLessThanOrEqual(5)
      expect(await used()).toBeLessThan(100_000 + 5 * 4 * 25_000)
    })

    it('leaves trusted callers and other workspaces alone', async () => {
      const writer = bounded(1)
      await writer.add(record('one@example.com'))
      await writer.add(record('two@example.com', { caller: trusted }))
      await writer.add({ ...record('three@example.com'), workspaceId: newId('workspace') })
      expect((await submissions()).map(({ status }) => status)).toEqual(['ACCEPTED', 'ACCEPTED'])
    })

    it('takes captures again once something is erased', async () => {
      const writer = bounded(50_000)
      const { contact } = await writer.add(record('one@example.com'))
      await erase(contact.id)
      expect(await writer.add(record('two@example.com'))).toMatchObject({ outcome: 'CREATED' })
    })

    it('is released as a contact with its e-mail alone', async () => {
      const writer = bounded(1)
      await writer.add(record('one@example.com'))
      const { submissionId } = await writer.add(record('two@example.com'))
      const moderation = createModeration({ ...parts, workspaces: createWorkspaces(parts.database) })
      await moderation.release(viewerOf(workspaceId), submissionId)
      const [, contact] = await contactsOf(parts, workspaceId)
      expect(contact).toMatchObject({ email: 'two@example.com', metadata: {} })
      expect(await used()).toBe(await storedBytes())
    })

    it('without a bound nothing is held', async () => {
      await add(record('one@example.com'), record('two@example.com'))
      expect((await submissions()).map(({ status }) => status)).toEqual(['ACCEPTED', 'ACCEPTED'])
    })
  })

  it('is told in the metrics, with the bound', async () => {
    await add(record('jane@example.com'))
    const { registry } = measureStorage(createMetrics(), parts.database, 1_048_576)
    const text = await registry.metrics()
    expect(text).toContain(`rex_capture_storage_bytes{workspace_id="${workspaceId}"} ${await used()}`)
    expect(text).toContain('rex_capture_storage_bound_bytes 1048576')
  })

  it('keeps the metrics readable while the database refuses', async () => {
    const database = { ...parts.database, query: () => Promise.reject(new Error('It is away.')) }
    const text = await measureStorage(createMetrics(), database, undefined).registry.metrics()
    expect(text).toContain('process_cpu_seconds_total')
    expect(text).not.toContain('rex_capture_storage_bytes{')
  })

  describe('holds nothing twice', () => {
    it('in the changes of a capture, whose values were posted', async () => {
      await add(record('jane@example.com'))
      await add(record('jane@example.com', {}, { key_1: 'y' }))
      const text = `select octet_length(changes::text) as bytes from submission where workspace_id = $1 order by id`
      const sizes = await parts.sql<{ bytes: number }>(text, [workspaceId])
      expect(sizes[0]!.bytes).toBeLessThan(5000)
      const [first, second] = await submissions()
      expect(first!.changes).toContainEqual({ field: 'metadata.key_1', before: null, after: long })
      expect(second!.changes).toEqual([{ field: 'metadata.key_1', before: long, after: 'y' }])
    })

    it('in the answer to an Idempotency-Key, which shows no metadata', async () => {
      const idempotency = { key: 'key', bodyHash: 'hash' }
      const [first] = await add(record('jane@example.com', { idempotency }))
      const [again] = await add(record('jane@example.com', { idempotency }))
      expect(again!.contact).toMatchObject({ id: first!.contact.id, email: 'jane@example.com', metadata: {} })
      const text = 'select octet_length(answer::text) as bytes from idempotency_key where workspace_id = $1'
      expect((await parts.sql<{ bytes: number }>(text, [workspaceId]))[0]!.bytes).toBeLessThan(1000)
    })
  })
})
