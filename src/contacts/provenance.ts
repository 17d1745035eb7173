import type { MergePolicy } from '../generated/prisma/enums.ts'
import { type AppError, invalidRequest } from '../platform/errors.ts'
import type { Contact, Metadata, MetadataValue } from './contact.ts'

/** Keys of one contact's metadata. */
const maxStoredKeys = 200
/** Keys that captures of strangers may add to a contact, over all captures. */
const maxStrangerKeys = 50
/** Keys that trusted callers may always store, however many of strangers are there from before these limits. */
const reservedKeys = 100

/** The name of a metadata key in `trustedFields` and in changes. */
export function metadataField(key: string): string {
  return `metadata.${key}`
}

/** Who writes, and under which policy. */
export interface WriteRights {
  readonly policy: MergePolicy
  /** A trusted caller's values are kept from strangers (docs/decisions/0018). */
  readonly isTrusted: boolean
  /** The fields that a trusted caller wrote last. */
  readonly trustedFields: ReadonlySet<string>
}

/** `kept` stays as it was; `proposed` was sent by a stranger and stays as it was, too, but the submission tells of it. */
export type Ruling = 'written' | 'kept' | 'proposed'

/** A value that was sent for a field, and the stored one. */
export interface SentField {
  readonly field: string
  readonly before: MetadataValue | null
  readonly after: MetadataValue
}

/** An empty field is filled by every caller; the same value from a trusted caller confirms the stored one. */
export function rulingOf({ field, before, after }: SentField, rights: WriteRights): Ruling {
  if (before === null) return 'written'
  if (before === after) return rights.isTrusted ? 'written' : 'kept'
  if (!rights.isTrusted && rights.trustedFields.has(field)) return 'proposed'
  return rights.policy === 'FILL_EMPTY' ? 'kept' : 'written'
}

/** Number of keys that a stranger's capture may add to the metadata. */
export function roomForStranger(metadata: Metadata, trustedFields: ReadonlySet<string>): number {
  const room = maxStoredKeys - Object.keys(metadata).length
  return Math.max(Math.min(room, maxStrangerKeys - strangerKeys(metadata, trustedFields)), 0)
}

/** Whether a trusted caller added more keys than the contact has room for. */
export function overflows(stored: Contact, next: Contact): boolean {
  const count = Object.keys(next.metadata).length
  if (count <= maxStoredKeys || count <= Object.keys(stored.metadata).length) return false
  return count > strangerKeys(next.metadata, new Set(next.trustedFields)) + reservedKeys
}

/** The refusal of a trusted caller whose keys do not fit; a stranger's are left to its submission. */
export function noRoomForKeys(path: string): AppError {
  return invalidRequest([{ path, message: `a contact has at most ${maxStoredKeys} keys` }])
}

function strangerKeys(metadata: Metadata, trustedFields: ReadonlySet<string>): number {
  return Object.keys(metadata).filter((key) => !trustedFields.has(metadataField(key))).length
}

/** The trusted fields after a write; the same array when nothing changes. */
export function trustedAfter(
  stored: readonly string[],
  { trusted = [], untrusted = [] }: { readonly trusted?: readonly string[]; readonly untrusted?: readonly string[] },
): readonly string[] {
  const next = new Set([...stored, ...trusted])
  for (const field of untrusted) next.delete(field)
  return next.size === stored.length && stored.every((field) => next.has(field)) ? stored : [...next]
}

/** The fields of a contact that a trusted caller makes: all that it gives. */
export function givenFields(contact: Pick<Contact, 'firstName' | 'lastName' | 'source' | 'metadata'>): string[] {
  const { firstName, lastName, source, metadata } = contact
  return [
    ...(firstName === null ? [] : ['first_name']),
    ...(lastName === null ? [] : ['last_name']),
    ...(source === null ? [] : ['source']),
    ...Object.keys(metadata).map(metadataField),
  ]
}
