import { type Database, unpreparedStatement } from '../database/database.ts'
import { addToStorage } from './storage.ts'

const batchRows = 500

/**
 * Deletes a batch of spam that is older than the days, of idempotency keys older than one day, and of expired proofs of
 * work; returns true when more may be left.
 */
export async function pruneCaptures(database: Database, days: number): Promise<boolean> {
  const spam = await database.query(deleteSpam, [days, batchRows])
  const keys = await database.query(deleteKeys, [batchRows])
  const proofs = await database.query(deleteProofs, [batchRows])
  return [spam, keys, proofs].some(({ length }) => length === batchRows)
}

/**
 * Empties the raw fields of a batch of submissions that are older than the days, and the payloads of sources; these are
 * kept for 30 days at least, since they may wait for a mapping. Returns true when more may be left.
 */
export async function pruneRawFields(database: Database, days: number): Promise<boolean> {
  const pruned = await database.query(deleteRawFields, [days, batchRows])
  return pruned.length === batchRows
}

// Indexes: submission_raw_fields_idx, submission_pkey, capture_storage_pkey. The e-mail is kept in its column, where an
// erasure finds it; with more blanks than an index accepts it is cut. The next run handles rows locked by others.
const deleteRawFields = unpreparedStatement(
  'delete_old_raw_fields',
  `with old as (
     select workspace_id, id, coalesce(raw_bytes, 0) as bytes
     from submission
     where raw_bytes is distinct from 0
       and received_at < now() - $1::float8 * interval '1 day'
       and (raw is null or received_at < now() - interval '30 days')
     order by received_at
     limit $2
     for update skip locked
   ),
   pruned as (
     update submission s
     set email = coalesce(s.email, left(btrim(s.fields ->> 'email', E' \\t\\n\\r'), 254)),
         fields = '{}',
         raw = null,
         raw_emails = '{}',
         stored_bytes = s.stored_bytes - old.bytes,
         raw_bytes = 0
     from old
     where s.workspace_id = old.workspace_id
       and s.id = old.id
     returning s.id
   ),
   counted as (
   ${addToStorage('old', '-bytes')}
   )
   select id
   from pruned`,
)

// Indexes: submission_spam_idx, capture_storage_pkey. The status is checked twice: a release may change it while this
// waits for the lock.
const deleteSpam = unpreparedStatement(
  'delete_old_spam',
  `with deleted as (
     delete from submission
     where (workspace_id, id) in (
       select workspace_id, id
       from submission
       where status = 'SPAM'
         and received_at < now() - $1::float8 * interval '1 day'
       order by received_at
       limit $2
     )
       and status = 'SPAM'
     returning workspace_id, id, stored_bytes
   ),
   counted as (
   ${addToStorage('deleted', '-stored_bytes')}
   )
   select id
   from deleted`,
)

// Index: idempotency_key_created_at_idx.
const deleteKeys = unpreparedStatement(
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

// Index: spent_proof_expires_at_idx. Proofs are kept an hour longer, since the clocks of nodes and database differ.
const deleteProofs = unpreparedStatement(
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
