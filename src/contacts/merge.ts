import type { MergePolicy } from '../generated/prisma/enums.ts'
import type { Contact, Metadata, MetadataValue, Touch } from './contact.ts'

/** What a capture says about a person; blank fields are left out before. */
export interface ContactFields {
  readonly firstName?: string
  readonly lastName?: string
  readonly source?: string
  /** Only from a caller whose key may write contacts. */
  readonly stage?: string
  readonly metadata: Metadata
}

/** A field's value before and after; `field` is spelled as in the webhook body, `metadata.utm_source` for a key. */
export interface FieldChange {
  readonly field: string
  readonly before: MetadataValue | null
  readonly after: MetadataValue | null
}

interface MergeContext {
  readonly policy: MergePolicy
  readonly touch: Touch | null
  /** Where the visit began, when that was another touch. */
  readonly firstTouch?: Touch | null
  readonly now: Date
}

export interface Merged {
  readonly contact: Contact
  readonly changes: readonly FieldChange[]
}

/**
 * A stored contact with what was sent: each field replaces the stored one, or with FILL_EMPTY fills it where it is
 * empty; metadata merges by key in the same way. `version` and `updatedAt` move only when something changed; the
 * touches and `lastSeenAt` alone are no change.
 */
export function mergeContact(stored: Contact, fields: ContactFields, context: MergeContext): Merged {
  const { policy, touch, firstTouch = touch, now } = context
  const next = {
    firstName: merged(stored.firstName, fields.firstName, policy),
    lastName: merged(stored.lastName, fields.lastName, policy),
    source: merged(stored.source, fields.source, policy),
    stage: fields.stage ?? stored.stage,
    metadata: mergedMetadata(stored.metadata, fields.metadata, policy),
  }
  const changes = changesBetween(stored, { ...stored, ...next })
  const changed = changes.length > 0
  const contact: Contact = {
    ...stored,
    ...next,
    firstTouch: stored.firstTouch ?? firstTouch,
    lastTouch: touch ?? stored.lastTouch,
    lastSeenAt: now,
    updatedAt: changed ? now : stored.updatedAt,
    version: changed ? stored.version + 1 : stored.version,
  }
  return { contact, changes }
}

/** What an edit says: a field that is left out stays, one that is null is cleared. Whoever may edit is always obeyed. */
export interface ContactEdit {
  readonly email?: string
  readonly firstName?: string | null
  readonly lastName?: string | null
  readonly source?: string | null
  readonly stage?: string
  /** Keys merge, a null value removes the key; null instead of an object clears them all. */
  readonly metadata?: Readonly<Record<string, MetadataValue | null>> | null
}

/** A stored contact as an edit leaves it. An edit is no visit: the touches and `lastSeenAt` stay as they are. */
export function editContact(stored: Contact, { metadata, ...edit }: ContactEdit, now: Date): Merged {
  const next = { ...stored, ...edit, metadata: editedMetadata(stored.metadata, metadata) }
  const changes = changesBetween(stored, next)
  if (changes.length === 0) return { contact: stored, changes }
  return { contact: { ...next, updatedAt: now, version: stored.version + 1 }, changes }
}

/** The metadata that an edit leaves of what was stored. */
export function editedMetadata(stored: Metadata, edit: ContactEdit['metadata']): Metadata {
  if (edit === undefined) return stored
  const kept = Object.entries({ ...stored, ...edit }).filter(hasValue)
  return edit === null ? {} : Object.fromEntries(kept)
}

function hasValue(entry: [string, MetadataValue | null]): entry is [string, MetadataValue] {
  return entry[1] !== null
}

/** The changes that made a new contact: everything it was given. */
export function changesOfNew(contact: Contact): FieldChange[] {
  return changesBetweenNamed({}, namedValues(contact))
}

/** The names that `contact.updated` carries in `changed`: metadata once, whichever of its keys changed. */
export function changedFields(changes: readonly FieldChange[]): string[] {
  return [...new Set(changes.map(({ field }) => (field.startsWith('metadata.') ? 'metadata' : field)))]
}

function merged(stored: string | null, sent: string | undefined, policy: MergePolicy): string | null {
  if (sent === undefined) return stored
  return policy === 'FILL_EMPTY' && stored !== null ? stored : sent
}

/** Whoever posts a known e-mail may add keys: past these many, new ones are left to the submission. */
export const maxStoredKeys = 200

function mergedMetadata(stored: Metadata, sent: Metadata, policy: MergePolicy): Metadata {
  const places = maxStoredKeys - Object.keys(stored).length
  const added = Object.entries(sent).filter(([key]) => !Object.hasOwn(stored, key))
  const changed = Object.entries(sent).filter(([key]) => Object.hasOwn(stored, key))
  const taken = [...(policy === 'FILL_EMPTY' ? [] : changed), ...added.slice(0, Math.max(places, 0))]
  return { ...stored, ...Object.fromEntries(taken) }
}

type Mergeable = Pick<Contact, 'email' | 'firstName' | 'lastName' | 'source' | 'stage' | 'metadata'>
type NamedValues = Readonly<Record<string, MetadataValue | null>>

function changesBetween(before: Mergeable, after: Mergeable): FieldChange[] {
  return changesBetweenNamed(namedValues(before), namedValues(after))
}

function changesBetweenNamed(before: NamedValues, after: NamedValues): FieldChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }))
    .filter((change) => change.before !== change.after)
}

function namedValues(contact: Mergeable): NamedValues {
  const metadata = Object.entries(contact.metadata).map(([key, value]) => [`metadata.${key}`, value] as const)
  return {
    email: contact.email,
    first_name: contact.firstName,
    last_name: contact.lastName,
    source: contact.source,
    stage: contact.stage,
    ...Object.fromEntries(metadata),
  }
}
