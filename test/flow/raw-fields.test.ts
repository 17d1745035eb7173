import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { erasureParticipants as participants } from '../../src/app/domain.ts'
import type { CallerClass } from '../../src/capture/caller-class.ts'
import { createModeration } from '../../src/capture/moderation.ts'
import { readStorage } from '../../src/capture/storage.ts'
import { pruneRawFields } from '../../src/capture/submission-retention.ts'
import type { PreparedCapture } from '../../src/capture/write/prepared-capture.ts'
import { createContactErasure } from '../../src/contacts/erase-contact.ts'
import { createWorkspace, createWorkspaces } from '../../src/workspaces/workspace.ts'
import { captureOf } from '../support/captures.ts'
import { contactsOf, submissionsOf } from '../support/stored-rows.ts'
import { openParts, type TestParts, valuesOf } from '../support/test-parts.ts'
import { viewerOf } from '../support/webhook-parts.ts'

const days = 400
const trusted: CallerClass = { keySpace: 'key_1', isTrusted: true }
const held = { status: 'HELD', reasons: ['form_too_fast'] } as const

describe('11.16: the raw fields of submissions', () => {
  let parts: TestParts
  let workspaceId: string
  let count = 0

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts?.close())
  beforeEach(async () => {
    await parts.sql('delete from submission')
    const slug = `space-${++count}`
    const made = await createWorkspace(parts.database, { slug, name: slug, actor: 'system' })
    if (made.kind !== 'created') throw new Error('The slug is taken.')
    workspaceId = made.workspaceId
  })

  const record = (email: string, metadata: Record<string, string>, wanted: Partial<PreparedCapture> = {}) =>
    captureOf(workspaceId, { email, posted: { email, metadata }, fields: { metadata }, ...wanted })
  const add = async (...given: Parameters<typeof record>) => {
    const [result] = valuesOf(await parts.captureAll([record(...given)]))
    return result!
  }
  const submissions = () => submissionsOf(parts, workspaceId)
  const age = (by: number) =>
    parts.sql(`update submission set received_at = received_at - $1::float8 * interval '1 day'`, [by])
  const pruneAll = async () => {
    let steps = 1
    while (await pruneRawFields(parts.database, days)) steps++
    return steps
  }
  const used = async () => (await readStorage(parts.database, [workspaceId])).get(workspaceId) ?? 0
  const storedBytes = async () => {
    const text = 'select sum(stored_bytes)::int as bytes from submission where workspace_id = $1'
    return (await parts.sql<{ bytes: number }>(text, [workspaceId]))[0]!.bytes
  }
  const erase = (id: string) => createContactErasure({ ...parts, participants }).erase(viewerOf(workspaceId), id)

  it('stay for their days, then are deleted, and the row stays', async () => {
    const { contact } = await add('jane@example.com', { plan: 'pro' })
    await age(days - 1)
    await pruneAll()
    expect((await submissions())[0]!.fields).toEqual({ email: 'jane@example.com', metadata: { plan: 'pro' } })
    await age(2)
    await pruneAll()
    expect(await submissions()).toEqual([
      expect.objectContaining({ fields: {}, status: 'ACCEPTED', outcome: 'CREATED', contact_id: contact.id }),
    ])
    expect(await contactsOf(parts, workspaceId)).toMatchObject([{ metadata: { plan: 'pro' } }])
  })

  it('leave which fields were changed, and what stood there before', async () => {
    await add('jane@example.com', { plan: 'free', seats: 'few' }, { caller: trusted })
    await add('jane@example.com', { plan: 'pro', size: 'big' })
    await age(days + 1)
    await pruneAll()
    expect((await submissions())[1]!.changes).toEqual([
      { field: 'metadata.size', before: null, after: null },
      { field: 'metadata.plan', before: 'free', after: null, applied: false },
    ])
  })

  it('are deleted of trusted callers, of what is held, and of rows that 0.1 made', async () => {
    await add('one@example.com', { plan: 'pro' }, { caller: trusted })
    await add('two@example.com', { plan: 'pro' }, { screening: held })
    await parts.sql('update submission set raw_bytes = null, stored_bytes = 0')
    await age(days + 1)
    await pruneAll()
    expect((await submissions()).map(({ fields }) => fields)).toEqual([{}, {}])
  })

  it('give back their bytes, once', async () => {
    await add('jane@example.com', { plan: 'x'.repeat(10_000) })
    await add('jane@example.com', { plan: 'y'.repeat(10_000) })
    const before = await used()
    await age(days + 1)
    await pruneAll()
    const after = await used()
    expect(before - after).toBeGreaterThan(4 * 10_000)
    expect(after).toBe(await storedBytes())
    await pruneAll()
    expect(await used()).toBe(after)
  })

  it('are deleted in steps of 500', async () => {
    await parts.sql(
      `insert into submission (workspace_id, id, status, contact_id, fields, received_at, spam_reasons)
       select $1::text, 'sub_' || nth, 'ACCEPTED', 'cont_' || nth, '{"email": "jane@example.com"}',
              now() - interval '401 days', '{}'
       from generate_series(1, 1200) nth`,
      [workspaceId],
    )
    expect(await pruneAll()).toBe(3)
    expect((await submissions()).filter(({ fields }) => Object.keys(fields).length > 0)).toEqual([])
  })

  it('let an erasure find what is held under an e-mail that the contact had', async () => {
    const { contact } = await add('jane@example.com', { plan: 'pro' })
    await add('jane@example.com', { plan: 'other' }, { screening: held })
    await age(days + 1)
    await pruneAll()
    await parts.sql(`delete from event where workspace_id = $1`, [workspaceId])
    await parts.sql(`update contact set email = 'new@example.com' where workspace_id = $1`, [workspaceId])
    expect(await erase(contact.id)).toMatchObject({ submissionsRedacted: 2 })
    expect(await parts.sql('select email from submission where workspace_id = $1', [workspaceId])).toEqual([
      { email: null },
      { email: null },
    ])
    expect(await used()).toBe(0)
  })

  it("leave another contact's submissions with the same e-mail alone in an erasure", async () => {
    await add('jane@example.com', { plan: 'pro' })
    await age(days + 1)
    await pruneAll()
    await parts.sql(`update contact set email = 'new@example.com' where workspace_id = $1`, [workspaceId])
    const { contact } = await add('jane@example.com', { plan: 'own' })
    expect(await erase(contact.id)).toMatchObject({ submissionsRedacted: 1 })
    const [first] = await submissions()
    expect(first!.changes).not.toEqual([])
  })

  it('that are gone let what is held be released with its e-mail alone', async () => {
    const { submissionId } = await add('jane@example.com', { plan: 'pro' }, { screening: held })
    await age(days + 1)
    await pruneAll()
    const moderation = createModeration({ ...parts, workspaces: createWorkspaces(parts.database) })
    await moderation.release(viewerOf(workspaceId), submissionId)
    const [contact] = await contactsOf(parts, workspaceId)
    expect(contact).toMatchObject({ email: 'jane@example.com', metadata: {} })
    expect(await erase(contact!.id)).toMatchObject({ submissionsRedacted: 1 })
  })
})
