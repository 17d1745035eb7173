import { createHash } from 'node:crypto'
import type { Verification } from '../kinds/kind.ts'
import { equalsInConstantTime } from './constant-time.ts'
import { hmac } from './hmac.ts'

/**
 * Builds the verification of a JSON Web Signature (HS256) in a header, one claim of which is the body's SHA-256 in
 * hex. Netlify signs its webhooks like this: `X-Webhook-Signature` with the claim `sha256`.
 */
export function signedDigest({ header, claim }: { readonly header: string; readonly claim: string }): Verification {
  const signature = hmac({ header, algorithm: 'sha256', encoding: 'base64' })
  return {
    verify(request, secret) {
      const [head, claims, signed, ...rest] = (request.headers[header] ?? '').split('.', 4)
      if (head === undefined || claims === undefined || signed === undefined || rest.length > 0) return false
      if (readField(head, 'alg') !== 'HS256') return false
      const bytes = Buffer.from(`${head}.${claims}`)
      if (!signature.verify({ ...request, bytes, headers: { [header]: signed } }, secret)) return false
      const digest = createHash('sha256').update(request.bytes).digest('hex')
      return equalsInConstantTime(readField(claims, claim).toLowerCase(), digest)
    },
  }
}

/** Returns a text of a part of the token; empty when it is missing or the part is no JSON. */
function readField(part: string, name: string): string {
  try {
    const fields: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    if (typeof fields !== 'object' || fields === null) return ''
    const value: unknown = Reflect.get(fields, name)
    return typeof value === 'string' ? value : ''
  } catch {
    return ''
  }
}
