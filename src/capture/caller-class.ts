import { hasScope, type Viewer } from '../workspaces/viewer.ts'

/** Rights of a caller that decide how a capture is written and which response it gets (docs/decisions/0018). */
export interface CallerClass {
  /** Name space of its idempotency keys: empty for callers without a key, else the id of the API key. */
  readonly keySpace: string
  /** True for a key with CAPTURE or CONTACTS_WRITE: captures of strangers do not overwrite its values. */
  readonly isTrusted: boolean
}

/** Class of callers without a key. */
export const anonymous: CallerClass = { keySpace: '', isTrusted: false }

export function callerClassOf(viewer: Viewer | undefined): CallerClass {
  if (viewer === undefined) return anonymous
  const isTrusted = hasScope(viewer, 'CAPTURE') || hasScope(viewer, 'CONTACTS_WRITE')
  return { keySpace: viewer.apiKeyId, isTrusted }
}
