import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { erasureParticipants as participants } from '../../src/app/domain.ts'
import { createContactErasure } from '../../src/contacts/erase-contact.ts'
import type { Database } from '../../src/database/database.ts'
import { newId } from '../../src/platform/ids.ts'
import { captureOf } from '../support/captures.ts'
import { rowsWith } from '../support/erasure-parts.ts'
import { openParts, type TestParts, valuesOf } from '../support/test-parts.ts'
import { fanOutAll, newEndpoint, viewerOf } from '../support/webhook-parts.ts'

const rows = 2300

describe('11.1: an erasure of a contact with many rows', () => {
  let parts: TestParts
  let workspaceId: string
  let id: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    workspaceId = newId('workspace')
    const held = captureOf(workspaceId, {
      email: 'jane@example.com',
      screening: { status: 'HELD', reasons: ['honeypot'] },
      posted: { email: 'jane@example.com' },
    })
    const [captured] = valuesOf(await parts.captureAll([captureOf(workspaceId, { email: 'jane@example.com' }), held]))
    id = captured!.contact.id
    await newEndpoint(parts, workspaceId, { events: ['contact.updated'] })
    await multiply()
    await fanOutAll(parts)
    await attempt()
  })

  /** More of each: submissions, of an e-mail that it has had before, held ones, and events. */
  const multiply = async () => {
    await parts.sql(
      `insert into submission (workspace_id, id, status, contact_id, email, fields, spam_reasons)
       select workspace_id, 'sub_' || lpad((nth + case status when 'HELD' then 100000 else 0 end)::text, 26, '0'), status, contact_id, email,
              '{"email": "jane@example.com", "old": "jane.old@example.com"}'::jsonb, '{}'
       from submission, generate_series(1, $2::int) nth
       where workspace_id = $1`,
      [workspaceId, rows],
    )
    await parts.sql(
      `insert into event (workspace_id, id, type, contact_id, body, created_at)
       select workspace_id, id || nth, 'contact.updated', contact_id, replace(body, 'jane@', 'jane.old@'), created_at
       from event, generate_series(1, $2::int) nth
       where workspace_id = $1`,
      [workspaceId, rows],
    )
  }
  /** Each third was attempted; its answer told of the contact. */
  const attempt = async () => {
    await parts.sql(
      `insert into attempt (workspace_id, id, delivery_id, number, trigger, started_at, duration_ms, response_body)
       select workspace_id, 'att_' || id, id, 1, 'AUTOMATIC', now(), 1, 'jane@example.com'
       from delivery where workspace_id = $1 and event_position % 3 = 0`,
      [workspaceId],
    )
    await parts.sql(`update delivery set status = 'SUCCEEDED' where workspace_id = $1 and event_position % 3 = 0`, [
      workspaceId,
    ])
  }
  const left = async () => (await rowsWith(parts.database, 'jane')).get(workspaceId) ?? []
  const erase = (database: Database) =>
    createContactErasure({ ...parts, database, participants }).erase(viewerOf(workspaceId), id)
  /** Fails at the nth transaction, and says how many rows each statement has changed. */
  const crashingAt = (nth: number): Database => {
    let transactions = 0
    return {
      ...parts.database,
      inTransaction: (work) => {
        if (++transactions === nth) return Promise.reject(new Error('crashed'))
        return parts.database.inTransaction(work)
      },
    }
  }
  const open = () =>
    parts.sql(`select 1 from delivery where workspace_id = $1 and status in ('PENDING', 'RETRYING', 'HELD')`, [
      workspaceId,
    ])

  it('takes all of it, in steps, and counts it', async () => {
    const [before] = await parts.sql<{ count: number }>(
      `select count(*)::int as count from delivery where workspace_id = $1 and status = 'PENDING'`,
      [workspaceId],
    )
    expect(await left()).not.toEqual([])
    const erased = await erase(parts.database)
    expect(erased).toEqual({
      id,
      submissionsRedacted: 2 * (rows + 1),
      eventsRedacted: rows + 1,
      deliveriesCanceled: before!.count,
    })
    expect(await left()).toEqual([])
    expect(await open()).toEqual([])
  })

  it('takes all of it when it is asked again after a crash, wherever that was', async () => {
    for (const nth of [12, 9, 6, 3, 1]) await expect(erase(crashingAt(nth))).rejects.toThrow('crashed')
    expect(await left()).not.toEqual([])
    expect(await erase(parts.database)).toMatchObject({ id })
    expect(await left()).toEqual([])
    expect(await open()).toEqual([])
  })

  it('holds up the fan-out with no statement over more than a page of rows', async () => {
    const counts: number[] = []
    const counting: Database = {
      ...parts.database,
      inTransaction: (work) =>
        parts.database.inTransaction((tx) =>
          work({
            ...tx,
            query: async (statement, values) => {
              const found = await tx.query<never>(statement, values)
              const [row] = found as { count?: number; canceled?: number }[]
              counts.push(row?.count ?? row?.canceled ?? 0)
              return found
            },
          }),
        ),
    }
    await erase(counting)
    expect(Math.max(...counts)).toBeLessThanOrEqual(1000)
  })
})
