import type { PreparedCapture } from './prepared-capture.ts'

/** No posted field begins with an underscore, so this name is free. */
const keptKeysName = '_metadata_keys'

/** Posted fields as they were stored. */
export interface StoredFields {
  readonly fields: Readonly<Record<string, unknown>>
  readonly keptKeys: readonly string[] | undefined
}

/**
 * Serialises the posted fields of a capture. Those of a capture that may be released also have the keys that were kept,
 * if there were too many, since the database does not keep the order of fields.
 */
export function toStoredFields({ posted, keptKeys, screening }: PreparedCapture): string {
  const isNeeded = keptKeys !== undefined && screening.status !== 'ACCEPTED' && Object.keys(posted).length > 0
  return JSON.stringify(isNeeded ? { ...posted, [keptKeysName]: keptKeys } : posted)
}

/** Reads posted fields, which only `toStoredFields` writes. */
export function readStoredFields(stored: unknown): StoredFields {
  const { [keptKeysName]: keptKeys, ...fields } = (stored ?? {}) as Record<string, unknown>
  return { fields, keptKeys: Array.isArray(keptKeys) ? keptKeys.map(String) : undefined }
}
