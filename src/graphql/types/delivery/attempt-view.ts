import { canReadPii } from '../../../contacts/masking.ts'
import type { Attempt } from '../../../generated/prisma/client.ts'
import { hasScope, type Viewer } from '../../../workspaces/viewer.ts'

type Shown = Pick<Attempt, 'durationMs' | 'responseStatus' | 'responseBody' | 'error' | 'detail'>

/**
 * Returns the part of an attempt that the viewer may read. Without ADMIN all failures of a non-public address look the
 * same and its responses are hidden; otherwise a key that registers webhooks could scan the network of the server.
 */
export function attemptFor(viewer: Viewer, attempt: Shown & Pick<Attempt, 'inside'>): Shown {
  if (hasScope(viewer, 'ADMIN')) return attempt
  const { durationMs, responseStatus, responseBody, error, detail } = attempt
  if (attempt.inside) return { ...hidden, error: error && 'CONNECT' }
  const body = canReadPii(viewer) ? responseBody : null
  return { durationMs, responseStatus, responseBody: body, error, detail: detail && withoutReason(detail) }
}

// The duration is hidden too, because it distinguishes a closed port from a filtered one.
const hidden = { durationMs: 0, responseStatus: null, responseBody: null, detail: null }

/** Removes the reason phrase, which is the receiver's own text and may contain anything. */
function withoutReason(detail: string): string {
  return detail.replace(/(^|; )HTTP\/\d.*$/, (line) => /^(?:; )?HTTP\/\d\.\d \d{3}(?!\d)/.exec(line)?.[0] ?? '')
}
