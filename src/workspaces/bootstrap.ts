import { RefusedSettingError } from '../config/config.ts'
import { type Database, type Queryable, statement } from '../database/database.ts'
import { Scope } from '../generated/prisma/enums.ts'
import { insertApiKey } from './api-key.ts'
import { recordAudit } from './audit.ts'
import { generateKey, hashKey, minNewKeyLength } from './key.ts'
import { findOldestSlug } from './operator.ts'
import { createWorkspace, findWorkspaceId } from './workspace.ts'

export interface Bootstrapped {
  /** Set when this start generated the first key: it is printed once. */
  readonly generatedKey?: string
}

/**
 * Makes the default workspace and its first ADMIN key where they are missing: the configured key, or one that is
 * generated. A configured key that the database does not know yet is added, so that REX_API_KEY always works; one that
 * was revoked stays revoked. Where no workspace is to answer on a bare host, all this is done to the oldest one: somebody
 * has to be able to make the others.
 * @throws RefusedSettingError when the configured key is new and shorter than new keys may be
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

/** Answers the key that was generated, null when the configured one was taken, undefined when the workspace is there. */
async function createFirstWorkspace(database: Database, slug: string, configuredKey: string | undefined) {
  if (await findWorkspaceId(database, slug)) return undefined
  // A key belongs to one workspace: where the configured one is another's already, the new one gets a key of its own.
  const isFree = configuredKey !== undefined && !(await isKnown(database, configuredKey))
  const token = isFree ? configuredKey : generateKey()
  const created = await createWorkspace(database, { slug, name: slug, actor: 'system', token })
  if (created.kind !== 'created') return undefined
  return isFree ? null : token
}

/** A shorter key that an older version took goes on working: whoever upgrades is not shut out. */
async function refuseShortKey(database: Database, configuredKey: string): Promise<void> {
  if (configuredKey.length >= minNewKeyLength || (await isKnown(database, configuredKey))) return
  const problem = `at least ${minNewKeyLength} characters are expected of a key that this installation does not have yet`
  throw new RefusedSettingError('REX_API_KEY', problem, undefined)
}

/** A workspace that was disabled and is made the default: its keys are the operator's now, who must not be locked out. */
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

const lockBootstrap = statement('lock_bootstrap', 'select pg_advisory_xact_lock(7239155)')
// Index: workspace_slug_key.
const enableDefault = statement(
  'enable_default_workspace',
  `update workspace
   set disabled_at = null
   where slug = $1
     and disabled_at is not null
   returning id`,
)
// Version 0.1 kept the first four characters of a configured key beside its last four. No index: run once at a start.
const hideOldPrefixes = statement(
  'hide_old_prefixes',
  `update api_key set prefix = '' where prefix <> '' and prefix !~ '^rex_[0-9A-Za-z]{8}$'`,
)
const selectHash = statement('select_api_key_hash', 'select id from api_key where hash = $1')
