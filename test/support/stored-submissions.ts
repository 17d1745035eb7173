import { newId } from '../../src/platform/ids.ts'
import type { TestParts } from './test-parts.ts'

/** Submission of a source as a test wants it. */
interface WantedSubmission {
  readonly status: 'ACCEPTED' | 'HELD' | 'SPAM' | 'IGNORED'
  readonly reasons?: readonly string[]
  readonly raw?: unknown
  readonly hoursAgo?: number
}

/** Stores submissions of a source as they would have come, in this order, and returns their ids. */
export async function storeSubmissions(
  sql: TestParts['sql'],
  source: { readonly workspaceId: string; readonly id: string },
  wanted: readonly WantedSubmission[],
): Promise<string[]> {
  const ids: string[] = []
  for (const { status, reasons = [], raw = null, hoursAgo = 0 } of wanted) {
    const id = newId('submission')
    ids.push(id)
    await sql(
      `insert into submission (workspace_id, id, status, source_id, raw, reasons, spam_reasons, received_at)
       values ($1, $2, $3::text::submission_status, $4, $5::jsonb, $6, '{}', now() - $7::float8 * interval '1 hour')`,
      [source.workspaceId, id, status, source.id, raw === null ? null : JSON.stringify(raw), [...reasons], hoursAgo],
    )
  }
  return ids
}
