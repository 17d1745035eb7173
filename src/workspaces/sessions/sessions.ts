import { type Database, statement, type Tx } from '../../database/database.ts'
import { newId } from '../../platform/ids.ts'
import type { Access } from '../access.ts'
import { recordAudit } from '../audit.ts'
import { hashKey } from '../key.ts'
import type { Viewer } from '../viewer.ts'
import { browserFamily } from './browser-family.ts'
import { generateToken } from './session-token.ts'

/** Session that was just created. Its token cannot be read later: only its hash is stored. */
export interface CreatedSession {
  readonly id: string
  readonly token: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

interface SessionRequest {
  readonly viewer: Pick<Viewer, 'workspaceId' | 'apiKeyId' | 'expiresAt'>
  readonly userAgent: string | undefined
  readonly by: 'api_key' | 'link'
}

/** Days after which a session ends, however much it is used. */
export const sessionDays = 7
/** Sessions of one key; a new one ends those that were created first. */
const maxPerKey = 50

/** Creates a session that acts with the rights of a key. */
export async function insertSession(tx: Tx, { viewer, userAgent, by }: SessionRequest): Promise<CreatedSession> {
  const { workspaceId, apiKeyId: actor, expiresAt: keyEnds } = viewer
  const token = generateToken()
  const id = newId('session')
  const [created] = await tx.query<{ created_at: Date; expires_at: Date }>(insert, [
    workspaceId,
    id,
    hashKey(token),
    actor,
    browserFamily(userAgent),
    sessionDays,
    keyEnds === null ? null : new Date(keyEnds).toISOString(),
  ])
  if (created === undefined) throw new Error('Expected the created session.')
  await tx.query(deleteOldest, [workspaceId, actor, maxPerKey])
  await recordAudit(tx, { workspaceId, actor, action: 'session.created', targetId: id, details: { by } })
  return { id, token, createdAt: created.created_at, expiresAt: created.expires_at }
}

/** Ends the session of a token, for the browser that holds it; does nothing for an unknown one. */
export async function endSessionOf(database: Database, access: Access, token: string): Promise<void> {
  await end(database, access, (tx) => tx.query<EndedSession>(deleteByHash, [hashKey(token)]))
}

/** Ends a session of the workspace, and returns whether there was one. The caller withdraws its access. */
export async function endSession(
  database: Database,
  { workspaceId, id, actor }: { readonly workspaceId: string; readonly id: string; readonly actor: string },
): Promise<boolean> {
  return database.inTransaction(async (tx) => {
    const [ended] = await tx.query<EndedSession>(deleteById, [workspaceId, id])
    if (ended !== undefined) await recordEnd(tx, ended, actor)
    return ended !== undefined
  })
}

async function end(database: Database, access: Access, remove: (tx: Tx) => Promise<EndedSession[]>): Promise<void> {
  const ended = await database.inTransaction(async (tx) => {
    const [session] = await remove(tx)
    if (session !== undefined) await recordEnd(tx, session, session.api_key_id)
    return session
  })
  if (ended !== undefined) access.withdraw({ workspaceId: ended.workspace_id, sessionIds: [ended.id] })
}

interface EndedSession {
  readonly workspace_id: string
  readonly id: string
  readonly api_key_id: string
}

function recordEnd(tx: Tx, { workspace_id: workspaceId, id: targetId }: EndedSession, actor: string): Promise<void> {
  return recordAudit(tx, { workspaceId, actor, action: 'session.ended', targetId })
}

const insert = statement(
  'insert_session',
  `insert into session (workspace_id, id, hash, api_key_id, user_agent, expires_at)
   values ($1, $2, $3, $4, $5, least(now() + $6::float8 * interval '1 day', $7::timestamptz))
   returning created_at, expires_at`,
)

// Index: session_workspace_id_api_key_id_id_idx.
const deleteOldest = statement(
  'delete_oldest_sessions',
  `delete from session
   where workspace_id = $1
     and id = any (array(
       select id
       from session
       where workspace_id = $1
         and api_key_id = $2
       order by id desc
       offset $3
     ))`,
)

// Index: session_hash_key.
const deleteByHash = statement(
  'delete_session_by_hash',
  'delete from session where hash = $1 returning workspace_id, id, api_key_id',
)

// Index: session_pkey.
const deleteById = statement(
  'delete_session',
  'delete from session where workspace_id = $1 and id = $2 returning workspace_id, id, api_key_id',
)
