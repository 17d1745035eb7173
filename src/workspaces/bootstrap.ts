import { RefusedSettingError } from '../config/setting-errors.ts'
import { lockStatement } from '../database/advisory-locks.ts'
import { type Database, type Queryable, statement } from '../database/database.ts'
import { Scope } from '../generated/prisma/enums.ts'
import { insertApiKey } from './api-key.ts'
import { recordAudit } from './audit.ts'
import { generateKey, hashKey, minNewKeyLength } from './key.ts'
import { findOldestSlug } from './operator.ts'
import { createWorkspace, findWorkspaceId } from './workspace.ts'

export interface Bootstrapped {
  /** Set when this start generated the first key, which is printed once. */
  readonly generatedKey?: string
}

/**
 * Creates the default workspace and its first ADMIN key when they are missing, with the configured key or a generated
 * one. A configured key that the database does not have is added, so that REX_API_KEY always works; a revoked key stays
 * revoked. Without a default workspace it does the same for the oldest one, since the operator must be able to create
 * the others.
 * @throws RefusedSettingError when the configured key is new and shorter than new keys must be
 */
export async function bootstrap(
  database: Database,
  { slug: wanted, configuredKey }: { readonly slug: string; readonly configuredKey: string | undefined },
): Promise<Bootstrapped> {
  if (configuredKey !== undefined) await refuseShortKey(database, configuredKey)
  await database.query(hideOldPrefixes)
  const slug = wanted === '' ? ((await findOldestSlug(database)) ?? 'default') : wanted
  const created = await createFirstWorkspace(database, slug, configuredKey)
  if (created !== undefined) return created === null ? {} : { generatedKey: created }
  await ensureEnabled(database, slug)
  if (configuredKey !== undefined) await ensureKey(database, slug, configuredKey)
  return {}
}

/** Returns the generated key, null when the configured key was used, undefined when the workspace exists. */
async function createFirstWorkspace(database: Database, slug: string, configuredKey: string | undefined) {
  if (await findWorkspaceId(database, slug)) return undefined
  // A key belongs to one workspace: when the configured one belongs to another, the new one gets a key of its own.
  const isFree = configuredKey !== undefined && !(await isKnown(database, configuredKey))
  const token = isFree ? configuredKey : generateKey()
  const created = await createWorkspace(database, { slug, name: slug, actor: 'system', token })
  if (created.kind !== 'created') return undefined
  return isFree ? null : token
}

/**
 * Rejects a short new key. A shorter key that an older version accepted keeps working, so that an upgrade locks no one
 * out.
 */
async function refuseShortKey(database: Database, configuredKey: string): Promise<void> {
  if (configuredKey.length >= minNewKeyLength || (await isKnown(database, configuredKey))) return
  const problem = `must have at least ${minNewKeyLength} characters, unless this installation has the key already`
  throw new RefusedSettingError('REX_API_KEY', problem, undefined)
}

/**
 * Enables a disabled workspace that is now the default: its keys belong to the operator, who must not be locked out.
 */
async function ensureEnabled(database: Database, slug: string): Promise<void> {
  await database.inTransaction(async (tx) => {
    const [enabled] = await tx.query<{ id: string }>(enableDefault, [slug])
    if (enabled === undefined) return
    const { id } = enabled
    await recordAudit(tx, { workspaceId: id, actor: 'system', action: 'workspace.enabled', targetId: id })
  })
}

async function isKnown(database: Queryable, token: string): Promise<boolean> {
  return (await database.query(selectHash, [hashKey(token)])).length > 0
}

async function ensureKey(database: Database, slug: string, token: string): Promise<void> {
  await database.inTransaction(async (tx) => {
    await tx.query(lockBootstrap)
    const workspaceId = await findWorkspaceId(tx, slug)
    if (workspaceId === undefined || (await isKnown(tx, token))) return
    await insertApiKey(tx, { workspaceId, name: 'REX_API_KEY', scopes: [Scope.ADMIN], token, actor: 'system' })
  })
}

const lockBootstrap = lockStatement('lock_bootstrap', 'bootstrap')
// Index: workspace_slug_key.
const enableDefault = statement(
  'enable_default_workspace',
  `update workspace
   set disabled_at = null
   where slug = $1
     and disabled_at is not null
   returning id`,
)
// Version 0.1 stored the first four characters of a configured key beside its last four. No index: runs once at a
// start.
const hideOldPrefixes = statement(
  'hide_old_prefixes',
  `update api_key set prefix = '' where prefix <> '' and prefix !~ '^rex_[0-9A-Za-z]{8}$'`,
)
const selectHash = statement('select_api_key_hash', 'select id from api_key where hash = $1')
