import { AppError, unavailable } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Viewers } from '../workspaces/viewer.ts'

const lookEveryMs = 2000

/** Whoever is connected with a key, for longer than a moment. */
interface Session {
  readonly apiKey: string
  /** The key is no longer good. */
  close(): void
  /** The server stops: what would not end by itself is ended. */
  leave?(): void
  /** Looks after the connection itself, every two seconds. */
  tend?(): void
}

export interface Sessions {
  /** @throws AppError `unavailable` for what would not end by itself, once the server has stopped */
  open(session: Session): { end(): void }
  stop(): void
}

/** Ends the sessions of a key within five seconds of its being revoked or expiring, on every node. */
export function createSessions(viewers: Viewers, log: Log): Sessions {
  const open = new Set<Session>()
  let isStopped = false

  const look = async (session: Session) => {
    session.tend?.()
    try {
      await viewers.authenticate(session.apiKey)
    } catch (error) {
      const isRefused = error instanceof AppError && error.code === 'unauthenticated'
      if (isRefused) session.close()
      else log.warn({ err: error }, 'graphql.key_not_checked')
    }
  }

  const timer = setInterval(() => {
    for (const session of open) void look(session)
  }, lookEveryMs)
  timer.unref()

  return {
    open: (session) => {
      if (isStopped && session.leave !== undefined) throw unavailable()
      open.add(session)
      return { end: () => open.delete(session) }
    },
    stop: () => {
      isStopped = true
      clearInterval(timer)
      for (const session of open) session.leave?.()
    },
  }
}
