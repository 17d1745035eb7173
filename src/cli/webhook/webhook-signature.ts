import { createHmac } from 'node:crypto'

/** Bytes that were signed, or are to be signed, and when. */
export interface Signed {
  /** The `webhook-id`. */
  readonly id: string
  /** Unix time in seconds. */
  readonly timestamp: number
  readonly body: string | Buffer
}

/** Returns the hex `v1` of `X-Rex-Signature`: its key is the whole secret as text. */
export function rexSignature(secret: string, { timestamp, body }: Omit<Signed, 'id'>): string {
  return hmac(secret, `${timestamp}.`, body).toString('hex')
}

/** Returns the base64 signature of Standard Webhooks 1.0; undefined if the secret has not the form that it requires. */
export function standardSignature(secret: string, { id, timestamp, body }: Signed): string | undefined {
  const key = standardKey(secret)
  return key && hmac(key, `${id}.${timestamp}.`, body).toString('base64')
}

/** Returns both families of headers, as the server sends them (docs: the webhook contract). */
export function signatureHeaders(secret: string, signed: Signed): Record<string, string> {
  const standard = standardSignature(secret, signed)
  return {
    'x-rex-signature': `t=${signed.timestamp},v1=${rexSignature(secret, signed)}`,
    'webhook-id': signed.id,
    'webhook-timestamp': String(signed.timestamp),
    ...(standard !== undefined && { 'webhook-signature': `v1,${standard}` }),
  }
}

/** Returns the key of a `whsec_` secret: padded standard base64 of 24 to 64 bytes. */
function standardKey(secret: string): Buffer | undefined {
  const [, encoded] = /^whsec_(.*)$/s.exec(secret) ?? []
  if (encoded === undefined) return undefined
  const key = Buffer.from(encoded, 'base64')
  // Node decodes any text; only padded standard base64 encodes back to the same text.
  return key.toString('base64') === encoded && key.length >= 24 && key.length <= 64 ? key : undefined
}

function hmac(key: string | Buffer, prefix: string, body: string | Buffer): Buffer {
  return createHmac('sha256', key).update(prefix).update(body).digest()
}
