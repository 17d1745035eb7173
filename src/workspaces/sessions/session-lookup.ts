import { LRUCache } from 'lru-cache'
import { type Database, statement } from '../../database/database.ts'
import type { Scope } from '../../generated/prisma/enums.ts'
import { atMostEntries } from '../../platform/limits/entry-count.ts'
import { createLookupCache } from '../../platform/lookup-cache.ts'
import { hashKey, sameHash } from '../key.ts'
import { unauthenticated } from '../sent-key.ts'
import type { Viewer } from '../viewer.ts'
import { canBeToken } from './session-token.ts'

/** Viewer of a browser that is signed in. */
type SessionViewer = Viewer & { readonly sessionId: string }

const cachedMs = 2000
const usedEveryMs = 60_000
const maxCached = 10_000
const sessionsPerQuery = 1000

/** Looks up sessions by the hash of their token, and caches valid ones for two seconds. */
export function createSessionLookup(database: Database) {
  const touched = new LRUCache<string, true>({ ...atMostEntries(maxCached), ttl: usedEveryMs })

  const touch = (sessions: readonly SessionViewer[]) => {
    const used = sessions.filter(({ sessionId }) => !touched.has(sessionId))
    if (used.length === 0) return
    for (const { sessionId } of used) touched.set(sessionId, true)
    // A use that is not noted ends a session earlier, within its idle time.
    void database.query(touchSessions, keysOf(used)).catch(() => {})
  }
  const lookUp = async (hash: string): Promise<SessionViewer> => {
    const [row] = await database.query<SessionRow>(selectSession, [hash])
    if (!row || !sameHash(row.hash, hash)) throw unauthenticated()
    const viewer = viewerOf(row)
    touch([viewer])
    return viewer
  }
  const lookUps = createLookupCache(lookUp, { max: maxCached, ttlMs: cachedMs })

  return {
    /** Returns the viewer of a session. @throws AppError `unauthenticated` for one that is unknown, ended or expired */
    authenticate: async (token: string): Promise<Viewer> => {
      if (!canBeToken(token)) throw unauthenticated()
      const viewer = await lookUps.find(hashKey(token))
      if (viewer.expiresAt !== null && viewer.expiresAt <= Date.now()) throw unauthenticated()
      return viewer
    },
    forget: lookUps.forget,
    isFresh: (viewer: Viewer) => isOfSession(viewer) && lookUps.isFresh(viewer),
    /** Returns the ids of the sessions that have ended. The others count as used: they have a live stream. */
    findEnded: async (viewers: readonly Viewer[]): Promise<ReadonlySet<string>> => {
      const sessions = viewers.filter(isOfSession)
      const ended = new Set(sessions.map(({ sessionId }) => sessionId))
      for (let from = 0; from < sessions.length; from += sessionsPerQuery) {
        const asked = sessions.slice(from, from + sessionsPerQuery)
        for (const { id } of await database.query<{ id: string }>(selectGoodSessions, keysOf(asked))) ended.delete(id)
      }
      touch(sessions.filter(({ sessionId }) => !ended.has(sessionId)))
      return ended
    },
  }
}

function isOfSession(viewer: Viewer): viewer is SessionViewer {
  return viewer.sessionId !== undefined
}

function keysOf(sessions: readonly SessionViewer[]): [string[], string[]] {
  return [sessions.map(({ workspaceId }) => workspaceId), sessions.map(({ sessionId }) => sessionId)]
}

interface SessionRow {
  workspace_id: string
  id: string
  hash: string
  api_key_id: string
  scopes: Scope[]
  expires_at: Date
}

function viewerOf(row: SessionRow): SessionViewer {
  return {
    workspaceId: row.workspace_id,
    apiKeyId: row.api_key_id,
    scopes: new Set(row.scopes),
    expiresAt: row.expires_at.getTime(),
    sessionId: row.id,
  }
}

/** Idle time after which a session ends. A use is noted once a minute. */
const isGood = `s.expires_at > now()
     and s.last_used_at > now() - interval '12 hours'`

// Indexes: session_hash_key, api_key_pkey, workspace_ended_idx.
const selectSession = statement(
  'select_session',
  `select s.workspace_id, s.id, s.hash, s.api_key_id, k.scopes::text[] as scopes, least(s.expires_at, k.expires_at) as expires_at
   from session s
   join api_key k on k.workspace_id = s.workspace_id and k.id = s.api_key_id
   where s.hash = $1
     and ${isGood}
     and k.revoked_at is null
     and (k.expires_at is null or k.expires_at > now())
     and not exists (
       select from workspace w where w.id = s.workspace_id and w.deleted_at is not null
     )`,
)

// Index: session_pkey. Keys and workspaces are checked with those of other viewers.
const selectGoodSessions = statement(
  'select_good_sessions',
  `select s.id
   from unnest($1::text[], $2::text[]) as asked (workspace_id, id)
   join session s on s.workspace_id = asked.workspace_id and s.id = asked.id
   where ${isGood}`,
)

// Index: session_pkey. Locked in its order, so that two nodes cannot deadlock.
const touchSessions = statement(
  'touch_sessions',
  `with used as (
     select s.workspace_id, s.id
     from unnest($1::text[], $2::text[]) as asked (workspace_id, id)
     join session s on s.workspace_id = asked.workspace_id and s.id = asked.id
     order by s.workspace_id, s.id
     for update of s
   )
   update session s
   set last_used_at = now()
   from used
   where s.workspace_id = used.workspace_id
     and s.id = used.id`,
)
