import { statement, type Tx } from '../../database/database.ts'
import type { PreparedCapture } from '../write/prepared-capture.ts'
import { withReason } from './screening.ts'

/**
 * Spends the proofs of work of these captures in this transaction. A proof counts once: captures that reuse it get one
 * more sign of spam.
 */
export async function spendProofs(tx: Tx, records: readonly PreparedCapture[]): Promise<readonly PreparedCapture[]> {
  const proofs = records.flatMap(({ workspaceId, screening: { proof } }) => (proof ? [{ workspaceId, ...proof }] : []))
  if (proofs.length === 0) return records
  const rows = await tx.query<{ workspace_id: string; id: string }>(insertProofs, [
    proofs.map(({ workspaceId }) => workspaceId),
    proofs.map(({ id }) => id),
    proofs.map(({ expiresAt }) => expiresAt.toISOString()),
  ])
  const unspent = new Set(rows.map((row) => nameOf(row.workspace_id, row.id)))
  return records.map((record) => {
    const { workspaceId, screening } = record
    if (screening.proof === undefined || unspent.delete(nameOf(workspaceId, screening.proof.id))) return record
    return { ...record, screening: withReason(screening, 'proof_reused') }
  })
}

function nameOf(workspaceId: string, id: string): string {
  return `${workspaceId} ${id}`
}

// Index: spent_proof_pkey. Sorted by it, so that two batches cannot deadlock.
const insertProofs = statement(
  'spend_proofs',
  `insert into spent_proof (workspace_id, id, expires_at)
   select workspace_id, id, expires_at::timestamptz
   from unnest($1::text[], $2::text[], $3::text[]) as given (workspace_id, id, expires_at)
   order by workspace_id, id
   on conflict do nothing
   returning workspace_id, id`,
)
