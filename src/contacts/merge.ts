import type { MergePolicy } from '../generated/prisma/enums.ts'
import type { Contact, Metadata, MetadataValue, Touch } from './contact.ts'
import {
  decideWrite,
  metadataField,
  roomForStranger,
  type SentField,
  trustedAfter,
  type WriteRights,
} from './provenance.ts'

/** Fields of a person in a capture, without blank ones. */
export interface ContactFields {
  readonly firstName?: string
  readonly lastName?: string
  readonly source?: string
  /** Set only for a caller whose key may write contacts. */
  readonly stage?: string
  readonly metadata: Metadata
}

/** Value of a field before and after; `field` is spelled as in the webhook body, `metadata.utm_source` for a key. */
export interface FieldChange {
  readonly field: string
  readonly before: MetadataValue | null
  readonly after: MetadataValue | null
}

interface MergeContext {
  readonly policy: MergePolicy
  readonly isTrusted: boolean
  readonly touch: Touch | null
  /** First touch of the visit, when it differs from the last. */
  readonly firstTouch?: Touch | null
  readonly now: Date
}

export interface Merged {
  readonly contact: Contact
  readonly changes: readonly FieldChange[]
}

export interface MergedCapture extends Merged {
  /**
   * Values of a stranger that were not stored, because the field holds a trusted value or there is no room for the key.
   */
  readonly proposals: readonly FieldChange[]
}

/**
 * Merges sent fields into a stored contact: each field replaces the stored one, or with FILL_EMPTY fills an empty one;
 * metadata merges by key in the same way. A stranger replaces no value of a trusted caller. `version` and `updatedAt`
 * change only with a field; the touches, `trustedFields` and `lastSeenAt` alone do not change them.
 */
export function mergeContact(stored: Contact, fields: ContactFields, context: MergeContext): MergedCapture {
  const { touch, firstTouch = touch, now, isTrusted } = context
  const { written, proposals } = splitSent(stored, fields, context)
  const names = Object.keys(written)
  const next = {
    ...stored,
    ...valuesOf(stored, written),
    stage: fields.stage ?? stored.stage,
    trustedFields: trustedAfter(stored.trustedFields, isTrusted ? { trusted: names } : { untrusted: names }),
    firstTouch: stored.firstTouch ?? firstTouch,
    lastTouch: touch ?? stored.lastTouch,
    lastSeenAt: now,
  }
  const changes = changesBetween(stored, next)
  if (changes.length === 0) return { contact: next, changes, proposals }
  return { contact: { ...next, updatedAt: now, version: stored.version + 1 }, changes, proposals }
}

/** Splits the sent values by field into those to write and those that are only proposed. */
function splitSent(stored: Contact, fields: ContactFields, { policy, isTrusted }: MergeContext) {
  const rights: WriteRights = { policy, isTrusted, trustedFields: new Set(stored.trustedFields) }
  let room = isTrusted ? Number.POSITIVE_INFINITY : roomForStranger(stored.metadata, rights.trustedFields)
  const written: Record<string, MetadataValue> = {}
  const proposals: FieldChange[] = []
  for (const sent of sentFields(stored, fields)) {
    const isNewKey = sent.before === null && sent.field.startsWith(metadataField(''))
    const decision = isNewKey && room <= 0 ? 'proposed' : decideWrite(sent, rights)
    if (isNewKey) room -= 1
    if (decision === 'written') written[sent.field] = sent.after
    if (decision === 'proposed') proposals.push(sent)
  }
  return { written, proposals }
}

function sentFields(stored: Contact, { firstName, lastName, source, metadata }: ContactFields): SentField[] {
  const lines = [
    { field: 'first_name', before: stored.firstName, after: firstName },
    { field: 'last_name', before: stored.lastName, after: lastName },
    { field: 'source', before: stored.source, after: source },
  ]
  const keys = Object.entries(metadata).map(([key, after]) => {
    const before = Object.hasOwn(stored.metadata, key) ? (stored.metadata[key] ?? null) : null
    return { field: metadataField(key), before, after }
  })
  return [...lines.flatMap(({ after, ...line }) => (after === undefined ? [] : [{ ...line, after }])), ...keys]
}

/** Returns the contact's values after the write; `written` uses the names of changes. */
function valuesOf(stored: Contact, written: Readonly<Record<string, MetadataValue>>) {
  const line = (field: string, value: string | null) => {
    const next = written[field]
    return typeof next === 'string' ? next : value
  }
  const prefix = metadataField('')
  const keys = Object.entries(written).flatMap(([field, value]) =>
    field.startsWith(prefix) ? [[field.slice(prefix.length), value] as const] : [],
  )
  return {
    firstName: line('first_name', stored.firstName),
    lastName: line('last_name', stored.lastName),
    source: line('source', stored.source),
    metadata: { ...stored.metadata, ...Object.fromEntries(keys) },
  }
}

/**
 * Edit of a contact: an omitted field is unchanged, null clears it. Edits ignore the merge policy and trusted fields.
 */
export interface ContactEdit {
  readonly email?: string
  readonly firstName?: string | null
  readonly lastName?: string | null
  readonly source?: string | null
  readonly stage?: string
  /** Keys merge; a null value removes the key, and null instead of an object clears all keys. */
  readonly metadata?: Readonly<Record<string, MetadataValue | null>> | null
}

/** Applies an edit to a stored contact. An edit is no visit: the touches and `lastSeenAt` stay unchanged. */
export function editContact(stored: Contact, edit: ContactEdit, now: Date): Merged {
  const trustedFields = trustedAfterEdit(stored, edit)
  const next = { ...stored, ...edit, metadata: editedMetadata(stored.metadata, edit.metadata), trustedFields }
  const changes = changesBetween(stored, next)
  if (changes.length === 0) {
    const isSame = trustedFields === stored.trustedFields
    return { contact: isSame ? stored : { ...stored, trustedFields }, changes }
  }
  return { contact: { ...next, updatedAt: now, version: stored.version + 1 }, changes }
}

/** Marks the fields that an edit sets as trusted; every caller may fill those that it clears. */
function trustedAfterEdit(stored: Contact, edit: ContactEdit): readonly string[] {
  const { firstName, lastName, source, metadata } = edit
  const cleared = metadata === null ? Object.keys(stored.metadata).map((key) => [key, null] as const) : []
  const keys = [...cleared, ...Object.entries(metadata ?? {})].map(
    ([key, value]) => [metadataField(key), value] as const,
  )
  const fields = [['first_name', firstName], ['last_name', lastName], ['source', source], ...keys] as const
  return trustedAfter(stored.trustedFields, {
    trusted: fields.flatMap(([field, value]) => (value == null ? [] : [field])),
    untrusted: fields.flatMap(([field, value]) => (value === null ? [field] : [])),
  })
}

/** Applies an edit to stored metadata. */
export function editedMetadata(stored: Metadata, edit: ContactEdit['metadata']): Metadata {
  if (edit === undefined) return stored
  const kept = Object.entries({ ...stored, ...edit }).filter(hasValue)
  return edit === null ? {} : Object.fromEntries(kept)
}

function hasValue(entry: [string, MetadataValue | null]): entry is [string, MetadataValue] {
  return entry[1] !== null
}

/** Returns the changes of a new contact: all of its values. */
export function changesOfNew(contact: Contact): FieldChange[] {
  return changesBetweenNamed({}, namedValues(contact))
}

/** Returns the names for `changed` in `contact.updated`; `metadata` occurs once for any number of keys. */
export function changedFields(changes: readonly FieldChange[]): string[] {
  return [...new Set(changes.map(({ field }) => (field.startsWith(metadataField('')) ? 'metadata' : field)))]
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
  const metadata = Object.entries(contact.metadata).map(([key, value]) => [metadataField(key), value] as const)
  return {
    email: contact.email,
    first_name: contact.firstName,
    last_name: contact.lastName,
    source: contact.source,
    stage: contact.stage,
    ...Object.fromEntries(metadata),
  }
}
