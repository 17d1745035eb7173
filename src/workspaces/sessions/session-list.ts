import { type Database, statement } from '../../database/database.ts'

/** Session as it is listed, without its token. */
export interface ListedSession {
  readonly id: string
  readonly apiKeyId: string
  readonly userAgent: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly expiresAt: Date
}

const maxListed = 100

/** Returns the sessions of a workspace that have not ended, newest first. */
export function listSessions(database: Database, workspaceId: string): Promise<ListedSession[]> {
  return database.query<ListedSession>(selectSessions, [workspaceId, maxListed])
}

// Indexes: session_pkey, api_key_pkey.
const selectSessions = statement(
  'select_sessions',
  `select s.id,
          s.api_key_id as "apiKeyId",
          s.user_agent as "userAgent",
          s.created_at as "createdAt",
          s.last_used_at as "lastUsedAt",
          least(s.expires_at, k.expires_at) as "expiresAt"
   from session s
   join api_key k on k.workspace_id = s.workspace_id and k.id = s.api_key_id
   where s.workspace_id = $1
     and s.expires_at > now()
     and s.last_used_at > now() - interval '12 hours'
     and k.revoked_at is null
     and (k.expires_at is null or k.expires_at > now())
   order by s.id desc
   limit $2`,
)
