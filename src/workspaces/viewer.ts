import { LRUCache } from 'lru-cache'
import type { Database } from '../database/database.ts'
import { statement } from '../database/database.ts'
import { Scope } from '../generated/prisma/enums.ts'
import { AppError } from '../platform/errors.ts'
import { atMostEntries } from '../platform/limits/entry-count.ts'
import { createLookupCache } from '../platform/lookup-cache.ts'
import { canBeKey, hashKey, sameHash } from './key.ts'
import { unauthenticated } from './sent-key.ts'

/** Caller with a key: every query is bound to its workspace. */
export interface Viewer {
  readonly workspaceId: string
  readonly apiKeyId: string
  readonly scopes: ReadonlySet<Scope>
  /** Milliseconds since the epoch; subscriptions end at this time. */
  readonly expiresAt: number | null
  /** Set for a browser that is signed in with this key. */
  readonly sessionId?: string
}

/** Returns whether the viewer has the scope; ADMIN includes every scope. */
export function hasScope(viewer: Viewer, scope: Scope): boolean {
  return viewer.scopes.has(scope) || viewer.scopes.has(Scope.ADMIN)
}

/** @throws AppError `insufficient_scope` */
export function requireScope(viewer: Viewer, scope: Scope): void {
  if (!hasScope(viewer, scope)) throw new AppError('insufficient_scope', `This key lacks the scope ${scope}.`)
}

/** Returns whether the viewer is among those that `findRefused` returned. */
export function isRefused({ apiKeyId, sessionId }: Viewer, refused: ReadonlySet<string>): boolean {
  return refused.has(apiKeyId) || (sessionId !== undefined && refused.has(sessionId))
}

/** Binds a Prisma filter to the viewer's workspace; every filter goes through it. */
export function inWorkspace<Where extends object>(viewer: Viewer, where?: Where): Where & { workspaceId: string } {
  return { ...(where as Where), workspaceId: viewer.workspaceId }
}

export interface Viewers {
  /** Returns the viewer of a key. @throws AppError `unauthenticated` for a key that is unknown, revoked or expired */
  authenticate(key: string): Promise<Viewer>
  /** Removes the matching viewers, or all, from the cache; lookups that are in progress are repeated. */
  forget(isConcerned?: (viewer: Viewer) => boolean): void
  /** Returns whether the viewer was looked up within two seconds, and after the last `forget`. */
  isFresh(viewer: Viewer): boolean
  /** Checks in the database which of the viewers have lost access; returns the ids of their keys and sessions. */
  findRefused(viewers: readonly Viewer[]): Promise<ReadonlySet<string>>
}

const cachedMs = 2000
const lastUsedEveryMs = 60_000
const maxCached = 10_000
const viewersPerQuery = 1000

/** Looks up keys by hash and caches valid ones for two seconds. */
export function createViewers(database: Database): Viewers {
  const touched = new LRUCache<string, true>({ ...atMostEntries(maxCached), ttl: lastUsedEveryMs })

  const lookUp = async (hash: string): Promise<Viewer> => {
    const [row] = await database.query<KeyRow>(selectKey, [hash])
    if (!row || !sameHash(row.hash, hash)) throw unauthenticated()
    if (!touched.has(row.id)) {
      touched.set(row.id, true)
      void database.query(touchKey, [row.workspace_id, row.id]).catch(() => {}) // `lastUsedAt` may be missing or late.
    }
    return {
      workspaceId: row.workspace_id,
      apiKeyId: row.id,
      scopes: new Set(row.scopes),
      expiresAt: row.expires_at?.getTime() ?? null,
    }
  }
  // Concurrent lookups of one key, such as by a thousand sockets, share one query.
  const lookUps = createLookupCache(lookUp, { max: maxCached, ttlMs: cachedMs })

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
      for (let from = 0; from < viewers.length; from += viewersPerQuery) {
        const asked = viewers.slice(from, from + viewersPerQuery)
        const keys = [asked.map(({ workspaceId }) => workspaceId), asked.map(({ apiKeyId }) => apiKeyId)]
        for (const { id } of await database.query<{ id: string }>(selectGoodKeys, keys)) refused.delete(id)
      }
      return refused
    },
  }
}

interface KeyRow {
  workspace_id: string
  id: string
  hash: string
  scopes: Scope[]
  expires_at: Date | null
}

// Indexes: api_key_hash_key, workspace_ended_idx. The scopes are cast to text[], since drivers do not parse arrays of
// an enum.
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
