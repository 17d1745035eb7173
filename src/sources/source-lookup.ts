import { type Database, statement } from '../database/database.ts'
import type { SourceKind } from '../generated/prisma/enums.ts'
import { atMostEvery } from '../platform/at-most-every.ts'
import type { SecretBox } from '../platform/crypto/secret-box.ts'
import { unavailable } from '../platform/errors.ts'
import { createLookupCache } from '../platform/lookup-cache.ts'
import type { MappingRule } from './mapping/rules.ts'
import { type SourceKey, secretOwner } from './sealed-sources.ts'
import { canBeToken, hashToken } from './token.ts'

/** Source as its URL finds it. */
export interface FoundSource extends SourceKey {
  readonly name: string
  readonly kind: SourceKind
  readonly isEnabled: boolean
  /** Secrets that are valid now, the current one first; empty when requests are not verified. */
  readonly secrets: readonly string[]
  /** For GENERIC: lower-case name of the header that has the secret or the signature. */
  readonly header: string | null
  readonly mapping: readonly MappingRule[]
}

export interface SourceLookup {
  /**
   * Returns the source of a token, cached for two seconds; undefined when there is none.
   * @throws AppError `unavailable` when no key decrypts its secret: its requests cannot be verified, and are sent again
   */
  find(token: string): Promise<FoundSource | undefined>
  /** Call it after a commit that changed or deleted a source. Takes effect in this process before it returns. */
  forget(source: SourceKey): void
  /** Call it when another process has changed a source, or may have. Takes effect at once, but at most every 100 ms. */
  invalidate(): void
}

const cachedMs = 2000
const maxCached = 10_000
/** Minimum time between invalidations: each one makes every source be looked up again, and a tenant may change without end. */
const invalidateEveryMs = 100

/** Looks up sources by the hash of their token. */
export function createSourceLookup(database: Database, secretBox: SecretBox): SourceLookup {
  const lookUp = async (hash: string): Promise<FoundSource> => {
    const [row] = await database.query<SourceRow>(selectSource, [hash])
    if (row === undefined) throw new UnknownTokenError()
    return sourceOf(row, secretBox)
  }
  const lookUps = createLookupCache(lookUp, { max: maxCached, ttlMs: cachedMs })
  return {
    find: async (token) => {
      if (!canBeToken(token)) return undefined
      try {
        return await lookUps.find(hashToken(token))
      } catch (error) {
        if (error instanceof UnknownTokenError) return undefined
        throw error
      }
    },
    forget: ({ workspaceId, id }) => lookUps.forget((source) => source.workspaceId === workspaceId && source.id === id),
    invalidate: atMostEvery(invalidateEveryMs, () => lookUps.forget()),
  }
}

/** Thrown inside, since a failed lookup is not cached: unknown tokens must not displace known ones. */
class UnknownTokenError extends Error {}

interface SourceRow {
  workspace_id: string
  id: string
  name: string
  kind: SourceKind
  enabled: boolean
  secret: string | null
  previous_secret: string | null
  header: string | null
  mapping: MappingRule[]
}

function sourceOf(row: SourceRow, secretBox: SecretBox): FoundSource {
  const key = { workspaceId: row.workspace_id, id: row.id }
  const sealed = [row.secret, row.previous_secret].filter((secret) => secret !== null)
  return {
    ...key,
    name: row.name,
    kind: row.kind,
    isEnabled: row.enabled,
    secrets: sealed.map((secret) => openSecret(secretBox, secret, key)),
    header: row.header?.toLowerCase() ?? null,
    mapping: row.mapping,
  }
}

function openSecret(secretBox: SecretBox, sealed: string, key: SourceKey): string {
  try {
    return secretBox.open(sealed, secretOwner(key))
  } catch (error) {
    throw unavailable(error)
  }
}

// Indexes: source_token_hash_key, source_previous_token_hash_key, workspace_ended_idx.
const selectSource = statement(
  'select_source_by_token',
  `select workspace_id, id, name, kind::text, enabled, secret, header, mapping,
          case when previous_secret_expires_at > now() then previous_secret end as previous_secret
   from source
   where (token_hash = $1 or (previous_token_hash = $1 and previous_token_expires_at > now()))
     and not exists (
       select from workspace w where w.id = source.workspace_id and w.deleted_at is not null
     )`,
)
