import { type Database, statement } from '../../database/database.ts'

const batchRows = 500

/** Deletes a batch of expired sessions and sign-in links, and returns whether there may be more. */
export async function pruneSessions(database: Database): Promise<boolean> {
  const sessions = await database.query(deleteSessions, [batchRows])
  const links = await database.query(deleteLinks, [batchRows])
  return sessions.length === batchRows || links.length === batchRows
}

// Index: session_expires_at_idx. An idle one is deleted at the same time as a used one; it is refused until then.
const deleteSessions = statement(
  'delete_expired_sessions',
  `delete from session
   where hash in (
     select hash
     from session
     where expires_at < now()
     order by expires_at
     limit $1
   )
   returning id`,
)

// Index: sign_in_link_expires_at_idx.
const deleteLinks = statement(
  'delete_expired_sign_in_links',
  `delete from sign_in_link
   where hash in (
     select hash
     from sign_in_link
     where expires_at < now()
     order by expires_at
     limit $1
   )
   returning workspace_id`,
)
