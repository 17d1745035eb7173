import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createModeration, type Moderation } from '../../src/capture/moderation.ts'
import type { PreparedCapture } from '../../src/capture/write/prepared-capture.ts'
import { createWorkspace, createWorkspaces } from '../../src/workspaces/workspace.ts'
import { captureOf } from '../support/captures.ts'
import { contactsOf, eventsOf, submissionsOf } from '../support/stored-rows.ts'
import { codeOf, openOwn, openParts, type TestParts, valuesOf } from '../support/test-parts.ts'
import { viewerOf } from '../support/webhook-parts.ts'

const posted = { email: ' Jane@Example.com', first_name: 'Jane', stage: 'customer', plan: 'pro' }

describe('moderation', () => {
  let parts: TestParts
  let moderation: Moderation
  let workspaceId: string

  beforeAll(async () => {
    parts = await openParts()
    const made = await createWorkspace(parts.database, { slug: 'acme', name: 'Acme', actor: 'system' })
    if (made.kind !== 'created') throw new Error('The slug is taken.')
    workspaceId = made.workspaceId
    moderation = moderationOn(parts)
  })
  afterAll(() => parts.close())

  const moderationOn = ({ database, signals }: Pick<TestParts, 'database' | 'signals'>) =>
    createModeration({ database, signals, workspaces: createWorkspaces(database) })
  const hold = async (wanted: Partial<PreparedCapture> = {}) => {
    const screening = { status: 'HELD', reasons: ['form_too_fast'] } as const
    const [held] = valuesOf(await parts.captureAll([captureOf(workspaceId, { screening, posted, ...wanted })]))
    return held!.submissionId
  }
  const submission = async (id: string) => (await submissionsOf(parts, workspaceId)).find((row) => row.id === id)

  it('writes contact, event and submission together, and wakes the readers after the commit', async () => {
    const id = await hold()
    const seen: number[] = []
    const signals = { ...parts.signals, notify: () => void seen.push(1) }
    await moderationOn({ database: parts.database, signals }).release(viewerOf(workspaceId), id)
    const [contact] = await contactsOf(parts, workspaceId)
    expect(contact).toMatchObject({
      email: 'jane@example.com',
      first_name: 'Jane',
      metadata: { plan: 'pro' },
      submission_count: 1,
    })
    expect(await submission(id)).toMatchObject({
      status: 'ACCEPTED',
      outcome: 'CREATED',
      contact_id: contact!.id,
      fields: posted,
      spam_reasons: ['form_too_fast'],
    })
    expect(await eventsOf(parts, workspaceId)).toMatchObject([{ type: 'contact.created', contact_id: contact!.id }])
    expect(seen).toHaveLength(1)
  })

  it('does nothing twice, not even from two nodes', async () => {
    const email = 'twice@example.com'
    const id = await hold({ posted: { email } })
    const second = await openOwn(parts.own)
    const moderations = [moderation, moderationOn({ database: second, signals: parts.signals })]
    const codes = await Promise.all(
      Array.from({ length: 8 }, (_, nth) => codeOf(moderations[nth % 2]!.release(viewerOf(workspaceId), id))),
    )
    if (second !== parts.database) await second.close()
    expect(codes.filter((code) => code === undefined)).toHaveLength(1)
    expect(codes.filter((code) => code === 'conflict')).toHaveLength(7)
    const [contact] = (await contactsOf(parts, workspaceId)).filter((row) => row.email === email)
    expect(contact).toMatchObject({ submission_count: 1, version: 1 })
    const events = (await eventsOf(parts, workspaceId)).filter(({ contact_id }) => contact_id === contact!.id)
    expect(events).toHaveLength(1)
  })

  it('refuses to release what has been erased, which may be marked as spam', async () => {
    const id = await hold({ posted: {} })
    await parts.sql('update submission set email = null where id = $1', [id])
    const before = await contactsOf(parts, workspaceId)
    expect(await codeOf(moderation.release(viewerOf(workspaceId), id))).toBe('conflict')
    await moderation.markSpam(viewerOf(workspaceId), id)
    expect(await submission(id)).toMatchObject({ status: 'SPAM', contact_id: null })
    expect(await contactsOf(parts, workspaceId)).toEqual(before)
  })
})
