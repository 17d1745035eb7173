import { statement } from '../../src/database/database.ts'
import type { TestHttp } from './http-parts.ts'

/** Submission of a source as it is stored. */
export interface StoredSubmission {
  readonly id: string
  readonly status: string
  readonly contact_id: string | null
  readonly email: string | null
  readonly fields: Record<string, unknown>
  readonly raw: unknown
  readonly raw_emails: string[]
  readonly reasons: string[]
  readonly spam_reasons: string[]
}

export const json = { 'content-type': 'application/json' }

export function lead(email: string, more = {}): string {
  return JSON.stringify({ email, first_name: 'Jane', ...more })
}

let statements = 0

/** Calls of a test at the URL of a source, and looks into its database. */
export function sourceClient(http: () => Pick<TestHttp, 'url' | 'database'>) {
  const rows = <Row = StoredSubmission>(sql: string, values: readonly (string | null)[] = []) =>
    http().database.query<Row>(statement(`test_source_${statements++}`, sql), [...values])
  return {
    rows,
    stored: (source: { readonly id: string }) =>
      rows('select * from submission where source_id = $1 order by id', [source.id]),
    post: async (
      source: { readonly token: string },
      body: BodyInit,
      headers: Record<string, string> = {},
      path = '',
    ) => {
      const url = `${http().url}/capture/${source.token}${path}`
      const answer = await fetch(url, { method: 'POST', body, headers, redirect: 'manual' })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, text, json: text === '' ? undefined : JSON.parse(text) }
    },
  }
}
