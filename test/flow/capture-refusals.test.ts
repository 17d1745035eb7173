import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PreparedCapture } from '../../src/capture/write/prepared-capture.ts'
import { writeCaptures } from '../../src/capture/write/write-captures.ts'
import { createContactEdits } from '../../src/contacts/edit.ts'
import type { Database } from '../../src/database/database.ts'
import { newId } from '../../src/platform/ids.ts'
import { createWorkspaces } from '../../src/workspaces/workspace.ts'
import { captureOf } from '../support/captures.ts'
import { contactsOf, submissionsOf } from '../support/stored-rows.ts'
import { openParts, type TestParts, valuesOf } from '../support/test-parts.ts'

describe('11.7: captures of trusted callers whose keys do not fit', () => {
  let parts: TestParts
  let workspaceId: string
  const trusted = { keySpace: 'key_1', isTrusted: true }

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(() => {
    workspaceId = newId('workspace')
  })

  const capture = (fields: Partial<PreparedCapture['fields']> = {}, wanted: Partial<PreparedCapture> = {}) =>
    captureOf(workspaceId, { fields: { metadata: {}, ...fields }, ...wanted })

  /** Captures that share one batch: as many as may be under way go ahead of them. */
  async function captureInOneBatch(records: readonly PreparedCapture[]) {
    const elsewhere = [captureOf(newId('workspace')), captureOf(newId('workspace'))]
    return (await parts.captureAll([...elsewhere, ...records])).slice(elsewhere.length)
  }

  const keys = (prefix: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, nth) => [`${prefix}${nth}`, nth]))
  const sentBy = (metadata: Record<string, number>, more: Partial<PreparedCapture> = {}) =>
    capture({ metadata }, { caller: trusted, ...more })
  const refusedOf = (results: readonly PromiseSettledResult<unknown>[]) =>
    results.flatMap((result, nth) => (result.status === 'rejected' ? [[nth, result.reason.code]] : []))

  it('refuse those alone, and write the others of the same contact and of others', async () => {
    await captureInOneBatch([1, 2, 3].map((nth) => sentBy(keys(`k${nth}x`, 50))))
    const other = { email: 'other@example.com' }
    const results = await captureInOneBatch([
      sentBy(keys('a', 30)),
      sentBy(keys('b', 30)),
      sentBy(keys('c', 20)),
      sentBy({ one: 1 }),
      capture({ firstName: 'Jane', metadata: { one: 1 } }),
      sentBy({ one: 1 }, other),
    ])
    expect(refusedOf(results)).toEqual([
      [1, 'invalid_request'],
      [3, 'invalid_request'],
    ])
    const contacts = await contactsOf(parts, workspaceId)
    const [contact] = contacts.filter(({ email }) => email === 'jane@example.com')
    expect(contact).toMatchObject({ first_name: 'Jane', submission_count: 6 })
    expect(Object.keys(contact!.metadata)).toHaveLength(200)
    expect(contacts.filter(({ email }) => email === other.email)).toMatchObject([{ metadata: { one: 1 } }])
    expect(await submissionsOf(parts, workspaceId)).toHaveLength(7)
  })

  it('answer all with one Idempotency-Key by the first of them, and leave the key free', async () => {
    await captureInOneBatch([1, 2, 3, 4].map((nth) => sentBy(keys(`k${nth}x`, 50))))
    const keyed = (bodyHash: string) => ({ idempotency: { key: 'k', bodyHash } })
    const results = await captureInOneBatch([
      ...Array.from({ length: 50 }, () => sentBy({ one: 1 }, keyed('one'))),
      sentBy({ k1x0: 1 }, keyed('two')),
      sentBy({ k1x0: 2 }),
    ])
    const codes = refusedOf(results).map(([, code]) => code)
    expect(codes).toEqual([...Array.from({ length: 50 }, () => 'invalid_request'), 'idempotency_conflict'])
    expect(valuesOf(await parts.captureAll([sentBy({ k1x0: 1 }, keyed('two'))]))).toMatchObject([
      { outcome: 'UPDATED' },
    ])
  })

  it('cost their batch one more transaction, however many they are', async () => {
    await captureInOneBatch([1, 2, 3, 4].map((nth) => sentBy(keys(`k${nth}x`, 50))))
    let transactions = 0
    const database: Database = {
      ...parts.database,
      inTransaction: (work) => {
        transactions += 1
        return parts.database.inTransaction(work)
      },
    }
    const records = Array.from({ length: 100 }, (_, nth) =>
      nth % 2 ? sentBy({ one: nth }) : sentBy({ k1x0: nth }, { email: `${nth}@example.com` }),
    )
    const results = await writeCaptures(database, records)
    expect(results.filter(({ ok }) => ok)).toHaveLength(50)
    expect(transactions).toBe(2)
  })
})

describe('11.7: a contact of 0.1', () => {
  it.each([
    ['that no capture was about holds the values of keys alone', 0, 'Jane'],
    ['that was captured holds the values of nobody in particular', 1, 'Mallory'],
  ])('%s', async (_, captures, expected) => {
    const parts = await openParts()
    const { database, signals } = parts
    const workspaceId = newId('workspace')
    const edits = createContactEdits({ database, signals, workspaces: createWorkspaces(database) })
    const viewer = { workspaceId, apiKeyId: 'key_1', scopes: new Set([]), expiresAt: null }
    const stranger = (firstName: string) =>
      parts.writer.add(captureOf(workspaceId, { fields: { firstName, metadata: {} } }))
    await edits.upsert(viewer, { email: 'jane@example.com', fields: { firstName: 'Jane' } })
    for (let nth = 0; nth < captures; nth++) await parts.writer.add(captureOf(workspaceId))
    await parts.sql('update contact set trusted_fields = null where workspace_id = $1', [workspaceId])
    await stranger('Mallory')
    await stranger('Mallory')
    expect(await contactsOf(parts, workspaceId)).toMatchObject([{ first_name: expected }])
    await parts.close()
  })
})
