import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'

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
  const sign = (secret: string) => hmac(keysOf(secret).rex, `${timestamp}.`, body).toString('hex')
  const accepted = `t=${timestamp},v1=${sign(secrets.accepted)}`
  return secrets.other === undefined ? accepted : `${accepted},v1n=${sign(secrets.other)}`
}

function standardSignatures(prefix: string, body: string | Buffer, secrets: SigningSecrets): string {
  return [secrets.accepted, secrets.other]
    .map((secret) => secret && keysOf(secret).standard)
    .filter((key) => typeof key === 'object')
    .map((key) => `v1,${hmac(key, prefix, body).toString('base64')}`)
    .join(' ')
}

/** The keys of one secret, for our own scheme and for Standard Webhooks, if it has that form. */
interface SigningKeys {
  readonly rex: KeyObject
  readonly standard: KeyObject | undefined
}

/** Keys of the secrets that signed last: Node takes 35 µs for an HMAC with a Buffer as its key, and 5 with a KeyObject. */
const cachedKeys = new LRUCache<string, SigningKeys>({ max: 2000 })

function keysOf(secret: string): SigningKeys {
  const known = cachedKeys.get(secret)
  if (known !== undefined) return known
  const keys = { rex: createSecretKey(secret, 'utf8'), standard: standardKey(secret) }
  cachedKeys.set(secret, keys)
  return keys
}

const standardPrefix = 'whsec_'

function standardKey(secret: string): KeyObject | undefined {
  if (!secret.startsWith(standardPrefix)) return undefined
  const encoded = secret.slice(standardPrefix.length)
  const key = Buffer.from(encoded, 'base64')
  // Node decodes any text; only padded standard base64 encodes back to the same text.
  if (key.toString('base64') !== encoded) return undefined
  return key.length >= 24 && key.length <= 64 ? createSecretKey(key) : undefined
}

function hmac(key: KeyObject, prefix: string, body: string | Buffer): Buffer {
  return createHmac('sha256', key).update(prefix).update(body).digest()
}
