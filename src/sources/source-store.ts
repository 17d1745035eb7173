import { workspaceLockStatement } from '../database/advisory-locks.ts'
import { type Database, statement, type Tx } from '../database/database.ts'
import type { SourceKind } from '../generated/prisma/enums.ts'
import type { SecretBox, SecretOwner } from '../platform/crypto/secret-box.ts'
import { AppError, invalidRequest } from '../platform/errors.ts'
import { newId } from '../platform/ids.ts'
import { recordAudit } from '../workspaces/audit.ts'
import type { Viewer } from '../workspaces/viewer.ts'
import { allKinds } from './kinds/all-kinds.ts'
import { type SourceKey, secretOwner, tokenOwner } from './sealed-sources.ts'
import {
  checkOverlapHours,
  checkSourceInput,
  defaultOverlapHours,
  type FieldNames,
  type SourceChange,
  type SourceInput,
  trimName,
} from './source-input.ts'
import { generateToken, hashToken } from './token.ts'

export const maxSources = 200

export interface SourceStore {
  /** Returns the id. @throws AppError `invalid_request`, `conflict` if the workspace has too many */
  create(viewer: Viewer, input: SourceInput, names: FieldNames): Promise<string>
  /** @throws AppError `invalid_request`, `not_found` */
  update(viewer: Viewer, id: string, change: SourceChange, names: FieldNames): Promise<void>
  /**
   * Gives the source a new URL. The old one stays valid for the overlap; an older one that is still valid is deleted.
   * @throws AppError `invalid_request`, `not_found`
   */
  rotateUrl(viewer: Viewer, id: string, overlapHours: number, names: FieldNames): Promise<void>
  /** Deletes the source; its submissions stay. @throws AppError `not_found` */
  remove(viewer: Viewer, id: string): Promise<void>
  /** Returns the URL of a source, such as `https://rex.example.com/capture/in_…`: who knows it can add leads. */
  urlOf(source: SourceKey & { readonly token: string }, baseUrl: string): string
}

/** Creates the operations on sources. `onChanged` is called after a commit that changed or deleted one. */
export function createSourceStore(parts: {
  readonly database: Database
  readonly secretBox: SecretBox
  readonly onChanged: (source: SourceKey) => void
}): SourceStore {
  const { database, secretBox, onChanged } = parts
  const changing = async (
    viewer: Viewer,
    id: string,
    change: (tx: Tx, key: SourceKey, row: SourceRow) => Promise<void>,
  ) => {
    const key = { workspaceId: viewer.workspaceId, id }
    await database.inTransaction(async (tx) => change(tx, key, await lockSource(tx, key)))
    onChanged(key)
  }
  return {
    create: async (viewer, given, names) => {
      const input = trimName(given)
      if (input.name === undefined) throw invalidRequest([{ path: 'name', message: 'is required', kind: 'required' }])
      checkSourceInput(input, names)
      const key = { workspaceId: viewer.workspaceId, id: newId('source') }
      await database.inTransaction(async (tx) => {
        await insertSource(tx, key, input, secretBox)
        await audit(tx, viewer, 'source.created', key.id)
      })
      return key.id
    },

    update: async (viewer, id, given, names) => {
      const { overlapHours = defaultOverlapHours, ...change } = trimName(given)
      checkSourceInput({ ...change, overlapHours }, names)
      await changing(viewer, id, async (tx, key, row) => {
        await changeSecret(tx, key, { ...change, overlapHours, sealed: row.secret, secretBox })
        await changeFields(tx, key, change)
        await audit(tx, viewer, 'source.updated', id, { fields: Object.keys(change) })
      })
    },

    rotateUrl: async (viewer, id, overlapHours, names) => {
      checkOverlapHours(overlapHours, names)
      await changing(viewer, id, async (tx, key) => {
        const token = generateToken()
        const sealed = secretBox.seal(token, tokenOwner(key))
        await tx.query(replaceToken, [key.workspaceId, id, hashToken(token), sealed, overlapHours])
        await audit(tx, viewer, 'source.url_rotated', id, { overlapHours })
      })
    },

    remove: (viewer, id) =>
      changing(viewer, id, async (tx, key) => {
        await tx.query(deleteSource, [key.workspaceId, id])
        await audit(tx, viewer, 'source.deleted', id)
      }),

    urlOf: ({ workspaceId, id, token }, baseUrl) =>
      `${baseUrl}/capture/${secretBox.open(token, tokenOwner({ workspaceId, id }))}`,
  }
}

/**
 * Header of a source with a secret that names none and whose kind signs nothing: without a header no request could be
 * verified, and every lead would be refused.
 */
const defaultHeader = 'X-Webhook-Secret'
const signingKinds: readonly SourceKind[] = allKinds.filter((kind) => kind.verification).map((kind) => kind.name)

async function insertSource(tx: Tx, key: SourceKey, input: SourceInput, secretBox: SecretBox): Promise<void> {
  const { name = '', kind = 'GENERIC', secret = null, header = null, mapping = [] } = input
  const token = generateToken()
  await tx.query(lockCount, [key.workspaceId])
  const rows = await tx.query(insertRow, [
    key.workspaceId,
    key.id,
    name,
    kind,
    hashToken(token),
    secretBox.seal(token, tokenOwner(key)),
    secret === null ? null : secretBox.seal(secret, secretOwner(key)),
    header ?? (secret === null || signingKinds.includes(kind) ? null : defaultHeader),
    JSON.stringify(mapping),
    maxSources,
  ])
  if (rows.length === 0) throw new AppError('conflict', `A workspace has at most ${maxSources} sources.`)
}

interface SourceRow {
  /** Sealed; null without one. */
  readonly secret: string | null
}

/** Locks the source for the rest of the transaction. @throws AppError `not_found` */
async function lockSource(tx: Tx, { workspaceId, id }: SourceKey): Promise<SourceRow> {
  const [row] = await tx.query<SourceRow>(selectForUpdate, [workspaceId, id])
  if (row === undefined) throw new AppError('not_found', 'There is no such source.')
  return row
}

interface SecretChange {
  readonly secret?: string | null | undefined
  readonly overlapHours: number
  /** The present secret, sealed. */
  readonly sealed: string | null
  readonly secretBox: SecretBox
}

/** Replaces or deletes the secret. The same secret again is no new one: the one before stays good for its overlap. */
async function changeSecret(tx: Tx, key: SourceKey, { secret, overlapHours, sealed, secretBox }: SecretChange) {
  const owner = secretOwner(key)
  if (secret === undefined) return
  if (secret === null) await tx.query(deleteSecret, [key.workspaceId, key.id])
  else if (overlapHours === 0 || sealed === null || !holds(secretBox, sealed, owner, secret))
    await tx.query(replaceSecret, [key.workspaceId, key.id, secretBox.seal(secret, owner), overlapHours])
}

/** Returns whether a sealed secret is this one; false when no key decrypts it. */
function holds(secretBox: SecretBox, sealed: string, owner: SecretOwner, secret: string): boolean {
  try {
    return secretBox.open(sealed, owner) === secret
  } catch {
    return false
  }
}

async function changeFields(tx: Tx, { workspaceId, id }: SourceKey, change: SourceChange): Promise<void> {
  await tx.query(updateRow, [
    workspaceId,
    id,
    change.name ?? null,
    change.kind ?? null,
    change.enabled ?? null,
    change.mapping === undefined ? null : JSON.stringify(change.mapping),
    change.header !== undefined,
    change.header ?? null,
    defaultHeader,
    signingKinds,
  ])
}

function audit(tx: Tx, viewer: Viewer, action: string, targetId: string, details = {}): Promise<void> {
  return recordAudit(tx, { workspaceId: viewer.workspaceId, actor: viewer.apiKeyId, action, targetId, details })
}

// One at a time per workspace: two concurrent counts would both find space for the last source.
const lockCount = workspaceLockStatement('lock_source_count', 'sourceCount')

// Index: source_pkey, for the count.
const insertRow = statement(
  'insert_source',
  `insert into source (workspace_id, id, name, kind, token_hash, token, secret, header, mapping)
   select $1::text, $2::text, $3::text, $4::text::source_kind, $5::text, $6::text, $7::text, $8::text, $9::jsonb
   where (select count(*) from source where workspace_id = $1) < $10::int
   returning id`,
)

// Index: source_pkey.
const selectForUpdate = statement(
  'lock_source',
  `select secret
   from source
   where workspace_id = $1
     and id = $2
   for update`,
)

// Index: source_pkey.
const updateRow = statement(
  'update_source',
  `update source
   set name = coalesce($3, name),
       kind = coalesce($4::text::source_kind, kind),
       enabled = coalesce($5::boolean, enabled),
       mapping = coalesce($6::jsonb, mapping),
       header = coalesce(
         case when $7::boolean then $8 else header end,
         case when coalesce($4::text, kind::text) <> all ($10::text[]) and secret is not null then $9 end
       ),
       updated_at = now()
   where workspace_id = $1
     and id = $2`,
)

// Index: source_pkey.
const replaceSecret = statement(
  'replace_source_secret',
  `update source
   set previous_secret = case when $4::int > 0 then secret end,
       previous_secret_expires_at = case when $4::int > 0 and secret is not null
         then now() + $4::int * interval '1 hour' end,
       secret = $3
   where workspace_id = $1
     and id = $2`,
)

// Index: source_pkey.
const deleteSecret = statement(
  'delete_source_secret',
  `update source
   set secret = null,
       previous_secret = null,
       previous_secret_expires_at = null
   where workspace_id = $1
     and id = $2`,
)

// Index: source_pkey.
const replaceToken = statement(
  'replace_source_token',
  `update source
   set previous_token_hash = case when $5::int > 0 then token_hash end,
       previous_token_expires_at = case when $5::int > 0 then now() + $5::int * interval '1 hour' end,
       token_hash = $3,
       token = $4,
       updated_at = now()
   where workspace_id = $1
     and id = $2`,
)

// Index: source_pkey.
const deleteSource = statement(
  'delete_source',
  `delete from source
   where workspace_id = $1
     and id = $2`,
)
