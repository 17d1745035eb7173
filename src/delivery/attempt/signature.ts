import { createHmac } from 'node:crypto'

/** The valid secrets of an attempt: the one that the endpoint accepted last and, during a rotation, the other one. */
export interface SigningSecrets {
  readonly accepted: string
  readonly other?: string | undefined
}

export interface SignatureInput {
  readonly eventId: string
  /** Unix time of the attempt, in whole seconds. */
  readonly timestamp: number
  /** The bytes that are sent; a string is signed as UTF-8. */
  readonly body: string | Buffer
  readonly secrets: SigningSecrets
}

/**
 * Returns the headers with which a receiver verifies one attempt, by our own scheme and by Standard Webhooks 1.0.
 * `webhook-signature` is omitted if no secret has the form that Standard Webhooks requires.
 */
export function signatureHeaders({ eventId, timestamp, body, secrets }: SignatureInput): Record<string, string> {
  const standard = standardSignatures(`${eventId}.${timestamp}.`, body, secrets)
  return {
    'x-rex-signature': rexSignature(timestamp, body, secrets),
    'webhook-id': eventId,
    'webhook-timestamp': String(timestamp),
    ...(standard && { 'webhook-signature': standard }),
  }
}

// Exactly one `v1`, directly after `t`: one published verifier reads the second part, the other the last `v1`.
function rexSignature(timestamp: number, body: string | Buffer, secrets: SigningSecrets): string {
  const sign = (secret: string) => hmac(secret, `${timestamp}.`, body).toString('hex')
  const accepted = `t=${timestamp},v1=${sign(secrets.accepted)}`
  return secrets.other === undefined ? accepted : `${accepted},v1n=${sign(secrets.other)}`
}

function standardSignatures(prefix: string, body: string | Buffer, secrets: SigningSecrets): string {
  return [secrets.accepted, secrets.other]
    .map(standardKey)
    .filter((key) => key !== undefined)
    .map((key) => `v1,${hmac(key, prefix, body).toString('base64')}`)
    .join(' ')
}

const standardPrefix = 'whsec_'

function standardKey(secret: string | undefined): Buffer | undefined {
  if (!secret?.startsWith(standardPrefix)) return undefined
  const encoded = secret.slice(standardPrefix.length)
  const key = Buffer.from(encoded, 'base64')
  // Node decodes any text; only padded standard base64 encodes back to the same text.
  if (key.toString('base64') !== encoded) return undefined
  return key.length >= 24 && key.length <= 64 ? key : undefined
}

function hmac(key: string | Buffer, prefix: string, body: string | Buffer): Buffer {
  return createHmac('sha256', key).update(prefix).update(body).digest()
}
