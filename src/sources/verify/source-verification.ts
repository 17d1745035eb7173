import type { Kind, SignedRequest, Verification } from '../kinds/kind.ts'
import { userHeader } from './secrets.ts'

/** Source whose requests are verified. */
interface VerifiedSource {
  /** Secrets that are valid now; empty when requests are not verified. */
  readonly secrets: readonly string[]
  /** Header that the user has named for the secret or the signature. */
  readonly header: string | null
}

/** Returns how requests with a secret are verified; undefined when neither the kind nor a header says how. */
function verificationOf(kind: Kind | undefined, header: string | null): Verification | undefined {
  return kind?.verification ?? (header === null ? undefined : userHeader(header))
}

/**
 * Returns whether a request may add leads to a source: it has no secret, or the request carries a signature of one of
 * its secrets. A secret that cannot be verified refuses every request, since the source is shown as verified.
 */
export function isAuthentic(source: VerifiedSource, kind: Kind | undefined, request: SignedRequest): boolean {
  if (source.secrets.length === 0) return true
  const verification = verificationOf(kind, source.header)
  return verification !== undefined && source.secrets.some((secret) => verification.verify(request, secret))
}
