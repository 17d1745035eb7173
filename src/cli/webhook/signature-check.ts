import { bodyVariants } from './body-variants.ts'
import { readSignatureHeader, type SignatureHeader } from './signature-header.ts'
import { rexSignature, standardSignature } from './webhook-signature.ts'

/** Request of a receiver, and the secret that it has. */
export interface Received {
  readonly secret: string
  readonly signature: string
  readonly body: Buffer
  /** `webhook-id`; left out: the id in the body. */
  readonly id: string | undefined
  /** `webhook-timestamp`, for a signature of Standard Webhooks. */
  readonly timestamp: number | undefined
}

export interface CheckOptions {
  /** Unix time in seconds. */
  readonly now: number
  /** Largest age, and largest time ahead, in seconds; 0: any. */
  readonly toleranceSeconds: number
}

type Reason = 'format' | 'missing' | 'age' | 'body' | 'secret' | 'unknown'

/** Result of a check: why a signature does not match, in a word and in a sentence. */
export type Verdict =
  | { readonly matches: true; readonly family: 'rex' | 'standard'; readonly ageSeconds: number }
  | {
      readonly matches: false
      readonly family: SignatureHeader['family']
      readonly reason: Reason
      readonly message: string
    }

/** Signs a body with a secret as one family does, and tells whether the header has that signature. */
type Matches = (secret: string, body: Buffer) => boolean

interface Checkable {
  readonly family: 'rex' | 'standard'
  readonly timestamp: number
  readonly matches: Matches
}

/** Checks a signature, and finds out why it does not match. */
export function checkSignature(received: Received, options: CheckOptions): Verdict {
  const header = readSignatureHeader(received.signature)
  const checkable = checkableOf(header, received)
  if ('reason' in checkable) return { matches: false, family: header.family, ...checkable }
  const { family, timestamp, matches } = checkable
  const { secret, body } = received
  if (!matches(secret, body)) return { matches: false, family, ...explain(received, matches, header) }
  const ageSeconds = options.now - timestamp
  if (options.toleranceSeconds > 0 && Math.abs(ageSeconds) > options.toleranceSeconds)
    return { matches: false, family, reason: 'age', message: describeAge(ageSeconds, options.toleranceSeconds) }
  return { matches: true, family, ageSeconds }
}

interface Failure {
  readonly reason: Reason
  readonly message: string
}

function checkableOf(header: SignatureHeader, received: Received): Checkable | Failure {
  if (header.family === 'unknown')
    return { reason: 'format', message: `The signature has a wrong format. ${header.problem}` }
  if (header.family === 'rex') {
    const { timestamp, v1 } = header
    return { family: 'rex', timestamp, matches: (secret, body) => rexSignature(secret, { timestamp, body }) === v1 }
  }
  return standardCheckable(header.signatures, received)
}

function standardCheckable(signatures: readonly string[], received: Received): Checkable | Failure {
  const { timestamp, secret, body } = received
  const id = received.id ?? idOf(body)
  if (timestamp === undefined)
    return {
      reason: 'missing',
      message: 'A webhook-signature needs the header webhook-timestamp: give it with --timestamp.',
    }
  if (id === undefined)
    return { reason: 'missing', message: 'The body has no id. Give the header webhook-id with --id.' }
  const sign = (key: string, bytes: Buffer) => standardSignature(key, { id, timestamp, body: bytes })
  if (sign(secret, body) === undefined && sign(secret.trim(), body) === undefined)
    return {
      reason: 'secret',
      message:
        'The secret is not whsec_ and base64 of 24 to 64 bytes, so it has no webhook-signature. Verify X-Rex-Signature with it.',
    }
  const matches: Matches = (key, bytes) => signatures.includes(sign(key, bytes) ?? '')
  return { family: 'standard', timestamp, matches }
}

/** Tries what people get wrong, and names it if the signature matches then. */
function explain({ secret, body }: Received, matches: Matches, header: SignatureHeader): Failure {
  const otherSecret = secretVariants(secret).find(({ secret: other }) => matches(other, body))
  if (otherSecret) return { reason: 'secret', message: `The secret is wrong: ${otherSecret.change}.` }
  const otherBody = bodyVariants(body).find(({ body: other }) => matches(secret, other))
  if (otherBody) return { reason: 'body', message: `The body is not what was sent: ${otherBody.change}.` }
  if (
    header.family === 'rex' &&
    header.other !== undefined &&
    rexSignature(secret, { ...header, body }) === header.other
  )
    return {
      reason: 'secret',
      message: 'The secret is the other one of a rotation (v1n): the endpoint has accepted the new secret since.',
    }
  return {
    reason: 'unknown',
    message: `The secret is another one, or the body or the time was changed. The secret has ${secret.length} characters and the body ${body.length} bytes.`,
  }
}

function secretVariants(secret: string): { change: string; secret: string }[] {
  const variants = [
    { change: 'it has spaces or a line break around it', secret: secret.trim() },
    { change: 'whsec_ is missing, which is a part of it', secret: `whsec_${secret.trim()}` },
    { change: 'it has quotes around it', secret: secret.trim().replace(/^(["'])(.*)\1$/, '$2') },
  ]
  return variants.filter((variant) => variant.secret !== secret)
}

function idOf(body: Buffer): string | undefined {
  const [, id] = /"id"\s*:\s*"([^"]+)"/.exec(body.toString('utf8')) ?? []
  return id
}

function describeAge(ageSeconds: number, toleranceSeconds: number): string {
  const direction = ageSeconds > 0 ? 'ago' : 'ahead of this clock'
  return (
    `The signature is right, but it was made ${Math.abs(ageSeconds)} seconds ${direction}; ` +
    `${toleranceSeconds} are allowed (--tolerance 0: any).`
  )
}
