import { noRoomForKeys } from '../../contacts/provenance.ts'
import type { Database } from '../../database/database.ts'
import type { Settled } from '../../platform/batcher.ts'
import type { CaptureResult, PreparedCapture } from './prepared-capture.ts'
import { bodyMismatch, nameOf, writeBatch } from './write-batch.ts'
import { RefusedCaptures } from './write-contacts.ts'

type Results = readonly Settled<CaptureResult>[]

/**
 * Writes captures in one transaction; when some are refused, writes the others in a second one. A refusal costs its
 * batch one more transaction, while halving the batch until the refused one is alone would cost many.
 */
export async function writeCaptures(
  database: Database,
  records: readonly PreparedCapture[],
  maxBytes?: number,
): Promise<Results> {
  if (records.length === 0) return []
  try {
    const { results } = await database.inTransaction((tx) => writeBatch(tx, records, maxBytes))
    return await results
  } catch (error) {
    if (!(error instanceof RefusedCaptures)) throw error
    const writeRest = (others: readonly PreparedCapture[]) => writeCaptures(database, others, maxBytes)
    return writeOthers(writeRest, records, error.submissionIds)
  }
}

/**
 * Writes the captures that are not refused. All captures with the Idempotency-Key of a refused one are refused too: the
 * first of a key decides for the batch.
 */
async function writeOthers(
  writeRest: (others: readonly PreparedCapture[]) => Promise<Results>,
  records: readonly PreparedCapture[],
  refused: ReadonlySet<string>,
) {
  const deciding = records.filter(({ submissionId }) => refused.has(submissionId))
  const byName = new Map(deciding.map((record) => [nameOf(record), record]))
  const others = records.filter((record) => !byName.has(nameOf(record)))
  const written = (await writeRest(others)).values()
  return records.map((record): Settled<CaptureResult> => {
    const first = byName.get(nameOf(record))
    if (first !== undefined) return { ok: false, error: refusalOf(record, first) }
    return written.next().value ?? { ok: false, error: new Error('A capture was neither written nor refused.') }
  })
}

function refusalOf(record: PreparedCapture, first: PreparedCapture) {
  const isSameBody = record.idempotency?.bodyHash === first.idempotency?.bodyHash
  return isSameBody ? noRoomForKeys('metadata') : bodyMismatch()
}
