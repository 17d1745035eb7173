import type { Database } from '../../database/database.ts'
import { createViewers, type Viewer, type Viewers } from '../viewer.ts'
import { createSessionLookup } from './session-lookup.ts'

/** Viewers by their keys and by their sessions. */
export interface Callers extends Viewers {
  /** Returns the viewer of a session. @throws AppError `unauthenticated` for one that is unknown, ended or expired */
  authenticateSession(token: string): Promise<Viewer>
}

export function createCallers(database: Database): Callers {
  const keys = createViewers(database)
  const sessions = createSessionLookup(database)
  return {
    authenticate: keys.authenticate,
    authenticateSession: sessions.authenticate,
    forget: (isConcerned) => {
      keys.forget(isConcerned)
      sessions.forget(isConcerned)
    },
    isFresh: (viewer) => (viewer.sessionId === undefined ? keys.isFresh(viewer) : sessions.isFresh(viewer)),
    findRefused: async (viewers) => {
      const [refused, ended] = await Promise.all([keys.findRefused(viewers), sessions.findEnded(viewers)])
      return new Set([...refused, ...ended])
    },
  }
}
