import { createHmac, timingSafeEqual } from 'node:crypto'

/** Signatures of one header family, and what they sign. */
export interface SignedHeader {
  /** Unix time of the attempt, in seconds. */
  readonly timestamp: number
  /** Text that precedes the body in the signed bytes. */
  readonly prefix: string
  /** Each may be the right one: during a rotation there are two. */
  readonly signatures: readonly Buffer[]
  /** Returns the key of a secret; undefined when the secret has no key in this family. */
  keyOf(secret: string): Buffer | undefined
}

/** Reads `X-Rex-Signature: t=1710590400,v1=<hex>,v1n=<hex>`. Returns undefined for a header of another form. */
export function parseRexSignature(header: string): SignedHeader | undefined {
  const [, timestamp = '', rest = ''] = /^t=(\d{1,12}),(.+)$/.exec(header) ?? []
  const signatures = [...rest.matchAll(/(?:^|,)v1n?=([0-9a-f]{64})(?=,|$)/g)].map(([, hex = '']) =>
    Buffer.from(hex, 'hex'),
  )
  if (signatures.length === 0) return undefined
  return { timestamp: Number(timestamp), prefix: `${timestamp}.`, signatures, keyOf: (secret) => Buffer.from(secret) }
}

/** Headers of Standard Webhooks 1.0. */
export interface StandardHeaders {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
}

/** Reads `webhook-signature: v1,<base64> v1,<base64>`. Returns undefined for headers of another form. */
export function parseStandardSignature({ id, timestamp, signature }: StandardHeaders): SignedHeader | undefined {
  const signatures = [...signature.matchAll(/(?:^| )v1,([A-Za-z0-9+/]{43}=)(?= |$)/g)].map(([, base64 = '']) =>
    Buffer.from(base64, 'base64'),
  )
  if (!/^\d{1,12}$/.test(timestamp) || signatures.length === 0) return undefined
  return { timestamp: Number(timestamp), prefix: `${id}.${timestamp}.`, signatures, keyOf: standardKey }
}

const standardPrefix = 'whsec_'

function standardKey(secret: string): Buffer | undefined {
  if (!secret.startsWith(standardPrefix)) return undefined
  const encoded = secret.slice(standardPrefix.length)
  const key = Buffer.from(encoded, 'base64')
  // Node decodes any text; only padded standard base64 encodes back to the same text.
  return key.length > 0 && key.toString('base64') === encoded ? key : undefined
}

/** Returns whether one of the secrets made one of the signatures. The comparison takes the same time for every signature. */
export function isSignedWith(
  secrets: readonly string[],
  { prefix, signatures, keyOf }: SignedHeader,
  body: string | Uint8Array,
): boolean {
  const expected = secrets
    .map(keyOf)
    .filter((key) => key !== undefined)
    .map((key) => createHmac('sha256', key).update(prefix).update(body).digest())
  return expected.some((one) => signatures.some((signature) => timingSafeEqual(one, signature)))
}
