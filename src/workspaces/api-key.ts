import { type Database, statement, type Tx } from '../database/database.ts'
import type { Scope } from '../generated/prisma/enums.ts'
import { newId } from '../platform/ids.ts'
import { recordAudit } from './audit.ts'
import { describeKey, generateKey, hashKey } from './key.ts'

export interface ApiKeyRequest {
  readonly workspaceId: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly expiresAt?: Date | null
  readonly actor: string
}

/** Creates a key and returns its token, which cannot be read later: only its hash is stored. */
export async function createApiKey(database: Database, request: ApiKeyRequest): Promise<{ id: string; token: string }> {
  const token = generateKey()
  const id = await database.inTransaction((tx) => insertApiKey(tx, { ...request, token }))
  return { id, token }
}

export async function insertApiKey(tx: Tx, request: ApiKeyRequest & { readonly token: string }): Promise<string> {
  const { workspaceId, name, scopes, token, actor, expiresAt = null } = request
  const id = newId('apiKey')
  const { prefix, lastFour } = describeKey(token)
  await tx.query(insertKey, [workspaceId, id, name, hashKey(token), prefix, lastFour, [...scopes], expiresAt])
  await recordAudit(tx, { workspaceId, actor, action: 'api_key.created', targetId: id, details: { scopes } })
  return id
}

/**
 * Revokes a key and, with `andMade`, the keys that it created, and those that they created. Returns the ids of the
 * newly revoked keys: an empty list when it was revoked before, undefined when the workspace has no such key.
 */
export async function revokeApiKey(
  database: Database,
  request: { readonly workspaceId: string; readonly id: string; readonly actor: string; readonly andMade?: boolean },
): Promise<string[] | undefined> {
  const { workspaceId, id, actor, andMade = false } = request
  return database.inTransaction(async (tx) => {
    const found = await tx.query<{ id: string; newly: boolean }>(markRevoked, [workspaceId, id, andMade])
    if (!found.some((key) => key.id === id)) return undefined
    const revoked = found.filter(({ newly }) => newly).map((key) => key.id)
    for (const targetId of revoked) await recordAudit(tx, { workspaceId, actor, action: 'api_key.revoked', targetId })
    return revoked
  })
}

const insertKey = statement(
  'insert_api_key',
  `insert into api_key (workspace_id, id, name, hash, prefix, last_four, scopes, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7::text[]::scope[], $8)`,
)

// Indexes: api_key_pkey, audit_entry_workspace_id_target_id_idx. The audit log holds the creator of a key. The
// sub-select locks in order: of two concurrent revocations one is first, and they cannot deadlock.
const markRevoked = statement(
  'revoke_api_key',
  `with recursive meant (id) as (
     select $2::text
     union
     select k.id
     from meant
     join api_key k on k.workspace_id = $1
     join audit_entry made on made.workspace_id = k.workspace_id and made.target_id = k.id
     where $3::boolean
       and made.action = 'api_key.created'
       and made.actor = meant.id
   )
   update api_key k
   set revoked_at = coalesce(k.revoked_at, now())
   from (
     select workspace_id, id, revoked_at
     from api_key
     where workspace_id = $1
       and id in (select id from meant)
     order by id
     for update
   ) before
   where k.workspace_id = before.workspace_id
     and k.id = before.id
   returning k.id, before.revoked_at is null as newly`,
)
