import { type Database, statement } from '../database/database.ts'

const batchRows = 500

/**
 * Deletes a batch of spam that is older than the days, of idempotency keys older than one, and of proofs of work that
 * have expired; says if more is left.
 */
export async function pruneCaptures(database: Database, days: number): Promise<boolean> {
  const spam = await database.query(deleteSpam, [days, batchRows])
  const keys = await database.query(deleteKeys, [batchRows])
  const proofs = await database.query(deleteProofs, [batchRows])
  return [spam, keys, proofs].some(({ length }) => length === batchRows)
}

// Index: submission_spam_idx. The status is asked for twice, since one may be released while this waits for its row.
const deleteSpam = statement(
  'delete_old_spam',
  `delete from submission
   where (workspace_id, id) in (
     select workspace_id, id
     from submission
     where status = 'SPAM'
       and received_at < now() - $1::float8 * interval '1 day'
     order by received_at
     limit $2
   )
     and status = 'SPAM'
   returning id`,
)

// Index: idempotency_key_created_at_idx.
const deleteKeys = statement(
  'delete_old_idempotency_keys',
  `delete from idempotency_key
   where (workspace_id, caller, key) in (
     select workspace_id, caller, key
     from idempotency_key
     where created_at < now() - interval '24 hours'
     order by created_at
     limit $1
   )
   returning key`,
)

// Index: spent_proof_expires_at_idx. An hour later: the clocks of nodes and database differ.
const deleteProofs = statement(
  'delete_expired_proofs',
  `delete from spent_proof
   where (workspace_id, id) in (
     select workspace_id, id
     from spent_proof
     where expires_at < now() - interval '1 hour'
     order by expires_at
     limit $1
   )
   returning id`,
)
