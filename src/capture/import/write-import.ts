import type { Database, Tx } from '../../database/database.ts'
import type { Signals } from '../../events/signals.ts'
import { newId } from '../../platform/ids.ts'
import { claimIdempotencyKeys, claimName, type IdempotencyClaim, saveResponses } from '../write/idempotency.ts'
import type { PreparedCapture } from '../write/prepared-capture.ts'
import { bodyMismatch, writeBatch } from '../write/write-batch.ts'
import { RefusedCaptures } from '../write/write-contacts.ts'
import { type ImportAnswer, parseAnswer, type RowOutcome } from './import-answer.ts'

/** Batch of an import, ready to be written. */
export interface PreparedImport {
  readonly workspaceId: string
  /** Hashes of the batch's name, and of the body. */
  readonly key: string
  readonly bodyHash: string
  /** Records of the rows that are valid, in order. */
  readonly records: readonly PreparedCapture[]
  /** Returns the answer with the outcomes of the records by submission; a missing one is refused. */
  readonly answerOf: (outcomes: ReadonlyMap<string, RowOutcome>) => ImportAnswer
}

/** Name space of the keys of imports: any key of the workspace may resume an import. */
const keySpace = 'import'

/**
 * Writes the rows of a batch like captures, in one transaction with the answer: a batch that is sent again gets the
 * first answer and writes nothing (docs/decisions/0033).
 * @throws AppError `idempotency_conflict`, `unavailable`
 */
export async function writeImport(database: Database, signals: Signals, prepared: PreparedImport) {
  const answer = await writeUnrefused(database, prepared, prepared.records)
  signals.notify('events')
  return answer
}

/** Writes again without the rows whose metadata do not fit; the transaction with them has written nothing. */
async function writeUnrefused(
  database: Database,
  prepared: PreparedImport,
  records: readonly PreparedCapture[],
): Promise<ImportAnswer> {
  try {
    return await database.inTransaction((tx) => writeOnce(tx, prepared, records))
  } catch (error) {
    if (!(error instanceof RefusedCaptures)) throw error
    const others = records.filter(({ submissionId }) => !error.submissionIds.has(submissionId))
    return writeUnrefused(database, prepared, others)
  }
}

async function writeOnce(tx: Tx, prepared: PreparedImport, records: readonly PreparedCapture[]): Promise<ImportAnswer> {
  const { workspaceId, key, bodyHash, answerOf } = prepared
  const claim: IdempotencyClaim = { workspaceId, caller: keySpace, key, bodyHash, submissionId: newId('submission') }
  const stored = (await claimIdempotencyKeys(tx, [claim])).get(claimName(claim))
  if (stored !== undefined && stored.bodyHash !== bodyHash) throw bodyMismatch()
  if (stored !== undefined) return { ...parseAnswer(stored.answer), isRepeated: true }
  const answer = answerOf(await writeRecords(tx, records))
  void saveResponses(tx, [{ ...claim, answer }]).catch(() => {}) // The commit rejects with the same error.
  return answer
}

async function writeRecords(tx: Tx, records: readonly PreparedCapture[]): Promise<ReadonlyMap<string, RowOutcome>> {
  const { results } = await writeBatch(tx, records)
  const outcomes = (await results).map((settled, index): readonly [string, RowOutcome] => {
    if (!settled.ok) throw settled.error
    return [records[index]?.submissionId ?? '', outcomeOf(settled.value.outcome)]
  })
  return new Map(outcomes)
}

function outcomeOf(outcome: 'CREATED' | 'UPDATED' | 'UNCHANGED' | null): RowOutcome {
  if (outcome === 'CREATED') return 'created'
  return outcome === 'UPDATED' ? 'updated' : 'unchanged'
}
