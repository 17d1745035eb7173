import { type Database, statement, type Tx } from '../database/database.ts'
import type { Scope } from '../generated/prisma/enums.ts'
import { newId } from '../ids.ts'
import { recordAudit } from './audit.ts'
import { describeKey, generateKey, hashKey } from './key.ts'

export interface ApiKeyRequest {
  readonly workspaceId: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly expiresAt?: Date | null
  readonly actor: string
}

/** A new key; its token is answered this once, and only the hash of it is kept. */
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

/** Answers whether the workspace has such a key; revoking twice changes nothing. */
export async function revokeApiKey(
  database: Database,
  request: { readonly workspaceId: string; readonly id: string; readonly actor: string },
): Promise<boolean> {
  const { workspaceId, id, actor } = request
  return database.inTransaction(async (tx) => {
    const [revoked] = await tx.query<{ newly: boolean }>(markRevoked, [workspaceId, id])
    if (revoked?.newly) await recordAudit(tx, { workspaceId, actor, action: 'api_key.revoked', targetId: id })
    return revoked !== undefined
  })
}

const insertKey = statement(
  'insert_api_key',
  `insert into api_key (workspace_id, id, name, hash, prefix, last_four, scopes, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7::text[]::scope[], $8)`,
)

// Index: api_key_pkey. `for update` in the sub-select: of two that revoke at once one is the first.
const markRevoked = statement(
  'revoke_api_key',
  `update api_key k
   set revoked_at = coalesce(k.revoked_at, now())
   from (select workspace_id, id, revoked_at from api_key where workspace_id = $1 and id = $2 for update) before
   where k.workspace_id = before.workspace_id
     and k.id = before.id
   returning before.revoked_at is null as newly`,
)
