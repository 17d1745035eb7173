import { type Database, unpreparedStatement } from '../../database/database.ts'
import { addToStorage } from '../storage.ts'

const batchRows = 500
/** A payload that waits for a mapping is kept for this time at least. */
const minHeldDays = 30

/**
 * Deletes a batch of ignored payloads and the raw payloads of other submissions that are older than the days, expired
 * keys of repeated requests, and counts of refusals that no statistic shows any more; returns true when more may be
 * left.
 */
export async function pruneSources(database: Database, days: number): Promise<boolean> {
  const ignored = await database.query(deleteIgnored, [days, batchRows])
  const payloads = await database.query(deletePayloads, [days, batchRows, Math.max(days, minHeldDays)])
  const repeats = await database.query(deleteRepeats, [batchRows])
  const refusals = await database.query(deleteRefusals, [batchRows])
  return [ignored, payloads, repeats, refusals].some(({ length }) => length === batchRows)
}

// Indexes: submission_raw_payload_idx, submission_pkey, capture_storage_pkey.
const deleteIgnored = unpreparedStatement(
  'delete_old_ignored_submissions',
  `with deleted as (
     delete from submission
     where (workspace_id, id) in (
       select workspace_id, id
       from submission
       where raw is not null
         and status = 'IGNORED'
         and received_at < now() - $1::float8 * interval '1 day'
       order by received_at
       limit $2
       for update skip locked
     )
     returning workspace_id, id, stored_bytes
   ),
   counted as (
   ${addToStorage('deleted', '-stored_bytes')}
   )
   select id
   from deleted`,
)

// Indexes: submission_raw_payload_idx, submission_pkey, capture_storage_pkey. What is subtracted for a payload is taken
// from `raw_bytes` as well, so that the rest goes with the fields. A held one without an e-mail keeps its addresses no
// longer than its payload.
const deletePayloads = unpreparedStatement(
  'delete_old_raw_payloads',
  `with old as (
     select workspace_id, id, least(octet_length(raw::text), coalesce(raw_bytes, 0)) as bytes
     from submission
     where raw is not null
       and received_at < now() - (
         case when status = 'HELD' and reasons <> '{}' then $3::float8 else $1::float8 end
       ) * interval '1 day'
       and received_at < now() - $1::float8 * interval '1 day'
     order by received_at
     limit $2
     for update skip locked
   ),
   pruned as (
     update submission s
     set raw = null,
         raw_emails = '{}',
         stored_bytes = s.stored_bytes - old.bytes,
         raw_bytes = s.raw_bytes - old.bytes
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

// Index: source_repeat_expires_at_idx. Kept a minute longer, since a capture reads the answer after the key.
const deleteRepeats = unpreparedStatement(
  'delete_expired_source_repeats',
  `delete from source_repeat
   where (workspace_id, source_id, key) in (
     select workspace_id, source_id, key
     from source_repeat
     where expires_at < now() - interval '1 minute'
     order by expires_at
     limit $1
   )
     and expires_at < now() - interval '1 minute'
   returning key`,
)

// Index: source_refusals_hour_idx. Statistics show a day.
const deleteRefusals = unpreparedStatement(
  'delete_old_source_refusals',
  `delete from source_refusals
   where (workspace_id, source_id, hour) in (
     select workspace_id, source_id, hour
     from source_refusals
     where hour < now() - interval '2 days'
     order by hour
     limit $1
   )
   returning source_id`,
)
