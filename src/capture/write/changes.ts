import type { FieldChange } from '../../contacts/merge.ts'
import { metadataField } from '../../contacts/provenance.ts'

/** Change as it is read; `applied` is left out when it is true. */
export interface StoredChange extends FieldChange {
  readonly applied?: boolean
}

/** Posted fields; empty when they were deleted. */
type Posted = Readonly<Record<string, unknown>>

interface Changes {
  readonly changes: readonly FieldChange[]
  /** Changes that a stranger proposed: stored with the others, marked as not applied. */
  readonly proposals: readonly FieldChange[]
}

/**
 * Serialises changes as JSON for the submission. It omits an `after` that equals the posted value, since otherwise most
 * of a capture would be stored twice (docs/decisions/0019).
 */
export function toStoredChanges({ changes, proposals }: Changes, posted: Posted): string {
  const proposed = proposals.map((proposal) => ({ ...proposal, applied: false }))
  return JSON.stringify([...changes, ...proposed].map((change) => withoutPosted(change, posted)))
}

function withoutPosted({ after, ...change }: StoredChange, posted: Posted) {
  return after !== null && after === postedValue(posted, change.field) ? change : { ...change, after }
}

/** Reads the changes of a submission. An `after` that was posted is null once the posted fields are deleted. */
export function readChanges(stored: unknown, posted: unknown = {}): StoredChange[] {
  const fields = isObject(posted) ? posted : {}
  return parseChanges(stored).map((change) =>
    change.after === undefined ? { ...change, after: postedValue(fields, change.field) } : change,
  )
}

/** Parses stored changes, which only `toStoredChanges` writes. */
function parseChanges(stored: unknown): StoredChange[] {
  return Array.isArray(stored) ? (stored as StoredChange[]) : []
}

/** Returns the value that was posted for a field; a metadata key is in `metadata` or beside it. */
function postedValue(posted: Posted, field: string): FieldChange['after'] {
  const prefix = metadataField('')
  if (!field.startsWith(prefix)) return valueAt(posted, field)
  const key = field.slice(prefix.length)
  const { metadata } = posted
  return (isObject(metadata) ? valueAt(metadata, key) : null) ?? valueAt(posted, key)
}

function valueAt(object: Posted, key: string): FieldChange['after'] {
  const value = Object.hasOwn(object, key) ? object[key] : null
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

function isObject(value: unknown): value is Posted {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
