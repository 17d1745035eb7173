import { unavailable } from '../../platform/errors.ts'
import type { Log } from '../../platform/log.ts'
import { isWithdrawn, type Withdrawal } from '../../workspaces/access.ts'
import { isRefused, type Viewer, type Viewers } from '../../workspaces/viewer.ts'

const lookEveryMs = 2000

/** A connection with a key that lasts longer than a moment. */
interface Session {
  readonly viewer: Viewer
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
  /** Closes the sessions of what was withdrawn before it returns. */
  close(withdrawal: Withdrawal): void
  /** Asks the database about the key of every session, and closes those that are refused. */
  look(): void
  /** Number of open sessions that do not end by themselves: sockets, and event streams. */
  readonly lastingCount: number
  stop(): void
}

/**
 * Ends the sessions of a key that is revoked or expires: at once where it is known which, else within five seconds, since
 * every key is looked at every two.
 */
export function createSessions(viewers: Viewers, log: Log): Sessions {
  const open = new Set<Session>()
  let isStopped = false
  let looking: 'no' | 'once' | 'again' = 'no'

  const lookOnce = async () => {
    const known = new Map([...open].map(({ viewer }) => [viewer.sessionId ?? viewer.apiKeyId, viewer]))
    if (known.size === 0 || isStopped) return
    try {
      const refused = await viewers.findRefused([...known.values()])
      for (const session of [...open]) if (isRefused(session.viewer, refused)) session.close()
    } catch (error) {
      log.warn({ err: error }, 'graphql.key_not_checked')
    }
  }
  const look = async () => {
    if (looking !== 'no') {
      looking = 'again'
      return
    }
    do {
      looking = 'once'
      await lookOnce()
    } while (isAskedAgain())
    looking = 'no'
  }
  const isAskedAgain = () => looking === 'again' && !isStopped

  const timer = setInterval(() => {
    for (const session of open) session.tend?.()
    void look()
  }, lookEveryMs)
  timer.unref()

  return {
    open: (session) => {
      if (isStopped && session.leave !== undefined) throw unavailable()
      open.add(session)
      // Its key may have been revoked between the look-up and now, when there was no session to close.
      if (!viewers.isFresh(session.viewer)) void look()
      return { end: () => open.delete(session) }
    },
    close: (withdrawal) => {
      for (const session of [...open]) if (isWithdrawn(session.viewer, withdrawal)) session.close()
    },
    look: () => void look(),
    get lastingCount() {
      return [...open].filter(({ tend, leave }) => tend !== undefined || leave !== undefined).length
    },
    stop: () => {
      isStopped = true
      clearInterval(timer)
      for (const session of open) session.leave?.()
    },
  }
}
