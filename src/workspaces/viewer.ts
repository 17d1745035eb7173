import { LRUCache } from 'lru-cache'
import type { Database } from '../database/database.ts'
import { statement } from '../database/database.ts'
import { Scope } from '../generated/prisma/enums.ts'
import { AppError } from '../platform/errors.ts'
import { createLookUps } from '../platform/lookup-cache.ts'
import { canBeKey, hashKey, sameHash } from './key.ts'

/** Whoever asks with a key: every query is bound to this workspace. */
export interface Viewer {
  readonly workspaceId: string
  readonly apiKeyId: string
  readonly scopes: ReadonlySet<Scope>
  /** Milliseconds since the epoch; a subscription ends then. */
  readonly expiresAt: number | null
}

/** ADMIN holds every scope. */
export function hasScope(viewer: Viewer, scope: Scope): boolean {
  return viewer.scopes.has(scope) || viewer.scopes.has(Scope.ADMIN)
}

/** @throws AppError `insufficient_scope` */
export function requireScope(viewer: Viewer, scope: Scope): void {
  if (!hasScope(viewer, scope)) throw new AppError('insufficient_scope', `This key lacks the scope ${scope}.`)
}

/** The one way to bind a Prisma filter to the viewer's workspace. */
export function inWorkspace<Where extends object>(viewer: Viewer, where?: Where): Where & { workspaceId: string } {
  return { ...(where as Where), workspaceId: viewer.workspaceId }
}

export interface Viewers {
  /** The viewer of a key. @throws AppError `unauthenticated` for a key that is unknown, revoked or expired */
  authenticate(key: string): Promise<Viewer>
  /** Forgets the viewers that are concerned, or all: they are looked up anew, also where a look-up is under way. */
  forget(isConcerned?: (viewer: Viewer) => boolean): void
  /** Returns whether the viewer was looked up within two seconds, and since the last `forget`. */
  isFresh(viewer: Viewer): boolean
  /** Asks the database which of the viewers may do nothing any more, and returns the ids of their keys. */
  findRefused(viewers: readonly Viewer[]): Promise<ReadonlySet<string>>
}

const rememberedMs = 2000
const lastUsedEveryMs = 60_000
const maxRemembered = 10_000
const askedAtOnce = 1000

/** Looks keys up by hash and remembers the good ones for two seconds. */
export function createViewers(database: Database): Viewers {
  const touched = new LRUCache<string, true>({ max: maxRemembered, ttl: lastUsedEveryMs })

  const lookUp = async (hash: string): Promise<Viewer> => {
    const [row] = await database.query<KeyRow>(selectKey, [hash])
    if (!row || !sameHash(row.hash, hash)) throw unauthenticated()
    if (!touched.has(row.id)) {
      touched.set(row.id, true)
      void database.query(touchKey, [row.workspace_id, row.id]).catch(() => {}) // `lastUsedAt` is a courtesy.
    }
    return {
      workspaceId: row.workspace_id,
      apiKeyId: row.id,
      scopes: new Set(row.scopes),
      expiresAt: row.expires_at?.getTime() ?? null,
    }
  }
  // A thousand sockets of one key ask at once: the database is asked once.
  const lookUps = createLookUps(lookUp, { max: maxRemembered, ttlMs: rememberedMs })

  return {
    authenticate: async (key) => {
      if (!canBeKey(key)) throw unauthenticated()
      const viewer = await lookUps.find(hashKey(key))
      if (viewer.expiresAt !== null && viewer.expiresAt <= Date.now()) throw unauthenticated()
      return viewer
    },
    forget: lookUps.forget,
    isFresh: lookUps.isFresh,
    findRefused: async (viewers) => {
      const refused = new Set(viewers.map(({ apiKeyId }) => apiKeyId))
      for (let from = 0; from < viewers.length; from += askedAtOnce) {
        const asked = viewers.slice(from, from + askedAtOnce)
        const keys = [asked.map(({ workspaceId }) => workspaceId), asked.map(({ apiKeyId }) => apiKeyId)]
        for (const { id } of await database.query<{ id: string }>(selectGoodKeys, keys)) refused.delete(id)
      }
      return refused
    },
  }
}

function unauthenticated(): AppError {
  return new AppError('unauthenticated', 'A valid API key is needed: X-Api-Key or Authorization: Bearer.')
}

interface KeyRow {
  workspace_id: string
  id: string
  hash: string
  scopes: Scope[]
  expires_at: Date | null
}

// Indexes: api_key_hash_key, workspace_ended_idx. The scopes leave as text[], since drivers do not parse arrays of an enum.
const selectKey = statement(
  'select_api_key',
  `select workspace_id, id, hash, scopes::text[] as scopes, expires_at
   from api_key
   where hash = $1
     and revoked_at is null
     and (expires_at is null or expires_at > now())
     and not exists (
       select from workspace w where w.id = api_key.workspace_id and w.deleted_at is not null
     )`,
)

// Indexes: api_key_pkey, workspace_ended_idx.
const selectGoodKeys = statement(
  'select_good_api_keys',
  `select k.id
   from unnest($1::text[], $2::text[]) as asked (workspace_id, id)
   join api_key k on k.workspace_id = asked.workspace_id and k.id = asked.id
   where k.revoked_at is null
     and (k.expires_at is null or k.expires_at > now())
     and not exists (
       select from workspace w where w.id = k.workspace_id and (w.disabled_at is not null or w.deleted_at is not null)
     )`,
)

const touchKey = statement(
  'touch_api_key',
  `update api_key set last_used_at = now() where workspace_id = $1 and id = $2`,
)
