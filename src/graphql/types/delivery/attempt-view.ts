import { canReadPii } from '../../../contacts/masking.ts'
import type { Attempt } from '../../../generated/prisma/client.ts'
import { hasScope, type Viewer } from '../../../workspaces/viewer.ts'

type Shown = Pick<Attempt, 'durationMs' | 'responseStatus' | 'responseBody' | 'error' | 'detail'>

/**
 * What a viewer may know about an attempt. Without ADMIN all failures of an address inside look alike, and nothing of
 * its answers is shown: otherwise a key that registers webhooks could explore the network of the server.
 */
export function attemptFor(viewer: Viewer, attempt: Shown & Pick<Attempt, 'inside'>): Shown {
  if (hasScope(viewer, 'ADMIN')) return attempt
  const { durationMs, responseStatus, responseBody, error, detail } = attempt
  if (attempt.inside) return { ...unknown, error: error && 'CONNECT' }
  const body = canReadPii(viewer) ? responseBody : null
  return { durationMs, responseStatus, responseBody: body, error, detail: detail && withoutReason(detail) }
}

// Even the time tells a closed port from a filtered one.
const unknown = { durationMs: 0, responseStatus: null, responseBody: null, detail: null }

/** The reason phrase is the receiver's own text, and may hold anything. */
function withoutReason(detail: string): string {
  return detail.replace(/(^|; )HTTP\/\d.*$/, (line) => /^(?:; )?HTTP\/\d\.\d \d{3}(?!\d)/.exec(line)?.[0] ?? '')
}
