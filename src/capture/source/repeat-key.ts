import { createHash } from 'node:crypto'
import type { Kind } from '../../sources/kinds/kind.ts'
import type { Headers, Payload } from '../../sources/payload.ts'

/** Name under which a request that is sent again is found, and how long. */
export interface RepeatKey {
  /** Hash: an id of a tool may contain an e-mail. */
  readonly key: string
  readonly seconds: number
}

const idSeconds = 7 * 86_400
const bytesSeconds = 600
const idHeaders = ['idempotency-key', 'webhook-id']
/** Longer ids are no ids. */
const maxIdLength = 500

/**
 * Returns the key of one payload: the tool's own id, else a header's id, else the body itself.
 * @param index place in a list of leads; a header and the bytes are those of the whole list
 */
export function repeatKeyOf(
  payload: Payload,
  kind: Kind | undefined,
  { identity, index }: { readonly identity: string | Uint8Array; readonly index: number },
): RepeatKey {
  const ownId = kind?.repeatId?.(payload)
  if (ownId !== undefined && ownId !== '') return { key: hashOf(`id ${kind?.name} ${ownId}`), seconds: idSeconds }
  const sentId = headerId(payload.headers)
  if (sentId !== undefined) return { key: hashOf(`header ${index} ${sentId}`), seconds: idSeconds }
  return bytesKey(identity, index)
}

/** Returns the key of a body that cannot be decoded. */
export function unreadableKeyOf(headers: Headers, bytes: Uint8Array): RepeatKey {
  const sentId = headerId(headers)
  return sentId === undefined ? bytesKey(bytes, 0) : { key: hashOf(`header 0 ${sentId}`), seconds: idSeconds }
}

function bytesKey(identity: string | Uint8Array, index: number): RepeatKey {
  return { key: createHash('sha256').update(`bytes ${index} `).update(identity).digest('hex'), seconds: bytesSeconds }
}

function headerId(headers: Headers): string | undefined {
  for (const name of idHeaders) {
    const id = headers[name]?.trim()
    if (id !== undefined && id !== '' && id.length <= maxIdLength) return id
  }
  return undefined
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
