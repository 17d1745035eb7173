import { readChanges } from '../../src/capture/write/changes.ts'
import type { Touch } from '../../src/contacts/contact.ts'
import type { FieldChange } from '../../src/contacts/merge.ts'
import type { TestParts } from './test-parts.ts'

/** What tests look at in the tables that a capture writes. */
export interface EventRow {
  readonly id: string
  readonly position: number
  readonly type: string
  readonly contact_id: string
  readonly endpoint_id: string | null
  readonly body: string
  readonly created_at: Date
}

export interface SubmissionRow {
  readonly id: string
  readonly status: string
  readonly outcome: string | null
  readonly contact_id: string | null
  readonly fields: Record<string, unknown>
  readonly changes: FieldChange[]
  readonly origin: string | null
  readonly spam_reasons: string[]
}

export interface ContactRow {
  readonly id: string
  readonly email: string
  readonly first_name: string | null
  readonly last_name: string | null
  readonly metadata: Record<string, unknown>
  readonly first_touch: Touch | null
  readonly last_touch: Touch | null
  readonly submission_count: number
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
  readonly last_seen_at: Date
}

type Sql = Pick<TestParts, 'sql'>

/** In the order of the log. */
export function eventsOf({ sql }: Sql, workspaceId: string): Promise<EventRow[]> {
  return sql('select * from event where workspace_id = $1 order by position', [workspaceId])
}

/** In the order in which they came, with their changes as they are read. */
export async function submissionsOf({ sql }: Sql, workspaceId: string): Promise<SubmissionRow[]> {
  const text = 'select * from submission where workspace_id = $1 order by id'
  const rows = await sql<SubmissionRow>(text, [workspaceId])
  return rows.map((row) => ({ ...row, changes: readChanges(row.changes, row.fields) }))
}

export function contactsOf({ sql }: Sql, workspaceId: string): Promise<ContactRow[]> {
  return sql('select * from contact where workspace_id = $1 order by id', [workspaceId])
}
