import { createHash } from 'node:crypto'
import { noRoomForKeys } from '../../contacts/provenance.ts'
import type { Database } from '../../database/database.ts'
import type { Signals } from '../../events/signals.ts'
import { AppError, type FieldProblem } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import type { Viewer } from '../../workspaces/viewer.ts'
import type { Workspace } from '../../workspaces/workspace.ts'
import { callerClassOf } from '../caller-class.ts'
import type { CaptureInput } from '../read/input.ts'
import type { PreparedCapture } from '../write/prepared-capture.ts'
import type { ImportAnswer, RefusedRow, RowOutcome } from './import-answer.ts'
import type { ImportColumn } from './import-columns.ts'
import { type ImportRow, readRow } from './import-row.ts'
import { writeImport } from './write-import.ts'

/** Batch of rows as it came. */
interface ImportBatch {
  readonly workspace: Workspace
  readonly viewer: Viewer
  /** Name of the import, and number of the batch in it. */
  readonly importId: string
  readonly batch: number
  readonly columns: readonly ImportColumn[]
  readonly source: string | undefined
  /** Whether webhooks are not notified. */
  readonly isSilent: boolean
  readonly rows: readonly ImportRow[]
  readonly bytes: Uint8Array
}

/** Row that was read: it has a record or the reasons of its refusal. */
type ReadRow =
  | { readonly row: number; readonly record: PreparedCapture }
  | { readonly row: number; readonly reasons: readonly FieldProblem[] }

export type ImportRows = (batch: ImportBatch) => Promise<ImportAnswer>

/** Creates the writer of imports: rows are written like captures of a trusted caller, a batch in one transaction. */
export function createImportRows(database: Database, signals: Signals): ImportRows {
  return (batch) => {
    const { workspace, importId, batch: number, bytes } = batch
    const rows = batch.rows.map((row) => readOne(row, batch))
    return writeImport(database, signals, {
      workspaceId: workspace.id,
      key: hashOf(`${importId} ${number}`),
      bodyHash: hashOf(bytes),
      records: rows.flatMap((row) => ('record' in row ? row.record : [])),
      answerOf: (outcomes) => answerOf(rows, outcomes),
    })
  }
}

function readOne(row: ImportRow, batch: ImportBatch): ReadRow {
  const { columns, source, workspace } = batch
  try {
    return { row: row.row, record: recordOf(readRow(row, { columns, source, stages: workspace.stages }), batch) }
  } catch (error) {
    if (!(error instanceof AppError) || error.fields === undefined) throw error
    return { row: row.row, reasons: error.fields }
  }
}

function recordOf(input: CaptureInput, { workspace, viewer, isSilent }: ImportBatch): PreparedCapture {
  return {
    workspaceId: workspace.id,
    mergePolicy: workspace.mergePolicy,
    submissionId: newId('submission'),
    caller: callerClassOf(viewer),
    email: input.email,
    fields: input.fields,
    screening: { status: 'ACCEPTED' },
    posted: input.posted,
    keptKeys: input.keptKeys,
    byteLength: 0,
    origin: null,
    userAgent: null,
    idempotency: null,
    inbound: null,
    readsContacts: false,
    isPrivate: false,
    isSilent,
  }
}

function answerOf(rows: readonly ReadRow[], outcomes: ReadonlyMap<string, RowOutcome>): ImportAnswer {
  const refused: RefusedRow[] = []
  const all = rows.map((row): RowOutcome => {
    const outcome = 'record' in row ? outcomes.get(row.record.submissionId) : undefined
    if (outcome !== undefined) return outcome
    const reasons = 'record' in row ? (noRoomForKeys('metadata').fields ?? []) : row.reasons
    refused.push({ row: row.row, reasons: reasons.map(({ path, message }) => ({ path, message })) })
    return 'refused'
  })
  return { outcomes: all, refused }
}

function hashOf(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('hex')
}
