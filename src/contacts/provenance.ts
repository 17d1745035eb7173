import type { MergePolicy } from '../generated/prisma/enums.ts'
import { type AppError, invalidRequest } from '../platform/errors.ts'
import type { Contact, Metadata, MetadataValue } from './contact.ts'

/** Maximum number of metadata keys of one contact. */
const maxStoredKeys = 200
/** Maximum number of keys that captures of strangers may add to a contact, over all captures. */
const maxStrangerKeys = 50
/**
 * Number of keys that trusted callers can always store, even beside many keys of strangers from before these limits.
 */
const reservedKeys = 100

/** Returns the name of a metadata key in `trustedFields` and in changes. */
export function metadataField(key: string): string {
  return `metadata.${key}`
}

/** Rights of the writer, and the merge policy. */
export interface WriteRights {
  readonly policy: MergePolicy
  /** Strangers cannot replace a trusted caller's values (docs/decisions/0018). */
  readonly isTrusted: boolean
  /** Fields that a trusted caller wrote last. */
  readonly trustedFields: ReadonlySet<string>
}

/**
 * Decision about a sent value. `kept` and `proposed` leave the stored value unchanged; the submission lists proposed
 * ones.
 */
export type WriteDecision = 'written' | 'kept' | 'proposed'

/** Value that was sent for a field, and the stored one. */
export interface SentField {
  readonly field: string
  readonly before: MetadataValue | null
  readonly after: MetadataValue
}

/**
 * Decides about a sent value. Every caller fills an empty field; an equal value from a trusted caller confirms the
 * stored one.
 */
export function decideWrite({ field, before, after }: SentField, rights: WriteRights): WriteDecision {
  if (before === null) return 'written'
  if (before === after) return rights.isTrusted ? 'written' : 'kept'
  if (!rights.isTrusted && rights.trustedFields.has(field)) return 'proposed'
  return rights.policy === 'FILL_EMPTY' ? 'kept' : 'written'
}

/** Returns the number of keys that a stranger's capture may add to the metadata. */
export function roomForStranger(metadata: Metadata, trustedFields: ReadonlySet<string>): number {
  const room = maxStoredKeys - Object.keys(metadata).length
  return Math.max(Math.min(room, maxStrangerKeys - strangerKeys(metadata, trustedFields)), 0)
}

/** Returns whether a trusted caller added more keys than the contact has room for. */
export function overflows(stored: Contact, next: Contact): boolean {
  const count = Object.keys(next.metadata).length
  if (count <= maxStoredKeys || count <= Object.keys(stored.metadata).length) return false
  return count > strangerKeys(next.metadata, new Set(next.trustedFields)) + reservedKeys
}

/** Returns the error for a trusted caller whose keys do not fit; a stranger's keys stay in its submission. */
export function noRoomForKeys(path: string): AppError {
  return invalidRequest([{ path, message: `a contact has at most ${maxStoredKeys} keys` }])
}

function strangerKeys(metadata: Metadata, trustedFields: ReadonlySet<string>): number {
  return Object.keys(metadata).filter((key) => !trustedFields.has(metadataField(key))).length
}

/** Returns the trusted fields after a write; the same array when nothing changes. */
export function trustedAfter(
  stored: readonly string[],
  { trusted = [], untrusted = [] }: { readonly trusted?: readonly string[]; readonly untrusted?: readonly string[] },
): readonly string[] {
  const next = new Set([...stored, ...trusted])
  for (const field of untrusted) next.delete(field)
  return next.size === stored.length && stored.every((field) => next.has(field)) ? stored : [...next]
}

/** Returns the trusted fields of a contact that a trusted caller creates: all that have a value. */
export function givenFields(contact: Pick<Contact, 'firstName' | 'lastName' | 'source' | 'metadata'>): string[] {
  const { firstName, lastName, source, metadata } = contact
  return [
    ...(firstName === null ? [] : ['first_name']),
    ...(lastName === null ? [] : ['last_name']),
    ...(source === null ? [] : ['source']),
    ...Object.keys(metadata).map(metadataField),
  ]
}
