import { LRUCache } from 'lru-cache'
import type { Database } from '../database/database.ts'
import { statement } from '../database/database.ts'
import { AppError } from '../errors.ts'
import { Scope } from '../generated/prisma/enums.ts'
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
  /** Forgets what was looked up, so that a revoked key is refused at once here; other nodes forget within two seconds. */
  forget(): void
}

const rememberedMs = 2000
const lastUsedEveryMs = 60_000

/** Looks keys up by hash and remembers the good ones for two seconds. */
export function createViewers(database: Database): Viewers {
  const remembered = new LRUCache<string, Viewer>({ max: 10_000, ttl: rememberedMs })
  const touched = new LRUCache<string, true>({ max: 10_000, ttl: lastUsedEveryMs })

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

  // A thousand sockets of one key are looked after at once: they ask the database once.
  const underWay = new Map<string, Promise<Viewer>>()

  const lookUpOnce = (hash: string): Promise<Viewer> => {
    const known = underWay.get(hash)
    if (known !== undefined) return known
    const found = lookUp(hash).finally(() => underWay.delete(hash))
    underWay.set(hash, found)
    return found
  }

  return {
    authenticate: async (key) => {
      if (!canBeKey(key)) throw unauthenticated()
      const hash = hashKey(key)
      const viewer = remembered.get(hash) ?? (await lookUpOnce(hash))
      if (viewer.expiresAt !== null && viewer.expiresAt <= Date.now()) throw unauthenticated()
      remembered.set(hash, viewer, { noUpdateTTL: true })
      return viewer
    },
    forget: () => remembered.clear(),
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

// Index: api_key_hash_key. The scopes leave as text[], since drivers do not parse arrays of an enum.
const selectKey = statement(
  'select_api_key',
  `select workspace_id, id, hash, scopes::text[] as scopes, expires_at
   from api_key
   where hash = $1
     and revoked_at is null
     and (expires_at is null or expires_at > now())`,
)

const touchKey = statement(
  'touch_api_key',
  `update api_key set last_used_at = now() where workspace_id = $1 and id = $2`,
)
