import type { MergePolicy } from '../generated/prisma/enums.ts'
import type { Contact, Metadata, MetadataValue, Touch } from './contact.ts'
import {
  metadataField,
  roomForStranger,
  rulingOf,
  type SentField,
  trustedAfter,
  type WriteRights,
} from './provenance.ts'

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
  readonly isTrusted: boolean
  readonly touch: Touch | null
  /** Where the visit began, when that was another touch. */
  readonly firstTouch?: Touch | null
  readonly now: Date
}

export interface Merged {
  readonly contact: Contact
  readonly changes: readonly FieldChange[]
}

export interface MergedCapture extends Merged {
  /** Values of a stranger that were not stored: a trusted value stands there, or there is no room for the key. */
  readonly proposals: readonly FieldChange[]
}

/**
 * A stored contact with what was sent: each field replaces the stored one, or with FILL_EMPTY fills it where it is
 * empty; metadata merges by key in the same way. A stranger replaces no value of a trusted caller. `version` and
 * `updatedAt` move only when something changed; the touches, `trustedFields` and `lastSeenAt` alone are no change.
 */
export function mergeContact(stored: Contact, fields: ContactFields, context: MergeContext): MergedCapture {
  const { touch, firstTouch = touch, now, isTrusted } = context
  const { written, proposals } = rule(stored, fields, context)
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

/** Splits the sent values into those that are written and those that are only proposed, by field. */
function rule(stored: Contact, fields: ContactFields, { policy, isTrusted }: MergeContext) {
  const rights: WriteRights = { policy, isTrusted, trustedFields: new Set(stored.trustedFields) }
  let room = isTrusted ? Number.POSITIVE_INFINITY : roomForStranger(stored.metadata, rights.trustedFields)
  const written: Record<string, MetadataValue> = {}
  const proposals: FieldChange[] = []
  for (const sent of sentFields(stored, fields)) {
    const isNewKey = sent.before === null && sent.field.startsWith(metadataField(''))
    const ruling = isNewKey && room <= 0 ? 'proposed' : rulingOf(sent, rights)
    if (isNewKey) room -= 1
    if (ruling === 'written') written[sent.field] = sent.after
    if (ruling === 'proposed') proposals.push(sent)
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

/** The contact's values with those that are written, which are named as in changes. */
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

/** A field that an edit gives is trusted, and one that it clears is open to every caller. */
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
