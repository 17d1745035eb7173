import { hasScope, type Viewer } from '../workspaces/viewer.ts'

/** The rights of a caller that decide how a capture is written and answered (docs/decisions/0018). */
export interface CallerClass {
  /** The name space of its idempotency keys: empty for callers without a key, else the id of the API key. */
  readonly keySpace: string
  /** Whether its values are kept from strangers: a key with CAPTURE or CONTACTS_WRITE. */
  readonly isTrusted: boolean
}

/** The class of callers without a key. */
export const anonymous: CallerClass = { keySpace: '', isTrusted: false }

export function callerClassOf(viewer: Viewer | undefined): CallerClass {
  if (viewer === undefined) return anonymous
  const isTrusted = hasScope(viewer, 'CAPTURE') || hasScope(viewer, 'CONTACTS_WRITE')
  return { keySpace: viewer.apiKeyId, isTrusted }
}
