import { contactData, type MetadataValue } from '../contacts/contact.ts'
import { CaptureOutcome } from '../generated/prisma/enums.ts'
import { toStoredChanges } from './write/changes.ts'
import type { InboundCapture } from './write/prepared-capture.ts'
import type { Written } from './write/write-contacts.ts'

/** Approximate size of a row without its texts: ids, times and index entries. */
const bytesPerRow = 1000

/** Bytes that an anonymous capture adds to the storage of its workspace (docs/decisions/0019). */
export interface StoredBytes {
  readonly total: number
  /** Part that is deleted with the raw fields: those and the event, which retention deletes earlier. */
  readonly raw: number
}

/** Returns the bytes of a capture: its submission, its event and the growth of the contact. */
export function storedBytesOf({ record, result, changes, proposals }: Written): StoredBytes {
  const { posted, email, origin, userAgent, inbound } = record
  const isCreated = result.outcome === CaptureOutcome.CREATED
  const hasEvent = isCreated || result.outcome === CaptureOutcome.UPDATED
  const event = hasEvent ? bytesPerRow + sizeOf(contactData(result.contact)) : 0
  const raw = (Object.keys(posted).length === 0 ? 0 : sizeOf(posted)) + payloadBytes(inbound) + event
  const row = bytesPerRow + lengthOf(email ?? '') + lengthOf(origin ?? '') + lengthOf(userAgent ?? '')
  const changesBytes = lengthOf(toStoredChanges({ changes, proposals }, posted))
  const growth = changes.reduce((sum, { field, before, after }) => sum + cost(field, after) - cost(field, before), 0)
  return { total: raw + row + changesBytes + growth + (isCreated ? bytesPerRow : 0), raw }
}

function payloadBytes(inbound: InboundCapture | null): number {
  if (inbound === null) return 0
  return lengthOf(inbound.raw ?? '') + inbound.rawEmails.reduce((sum, email) => sum + lengthOf(email), 0)
}

function cost(field: string, value: MetadataValue | null): number {
  return value === null ? 0 : lengthOf(field) + sizeOf(value)
}

function sizeOf(value: unknown): number {
  return lengthOf(JSON.stringify(value))
}

function lengthOf(text: string): number {
  return Buffer.byteLength(text)
}
