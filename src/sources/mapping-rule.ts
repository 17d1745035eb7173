/** Rule of a source's mapping: the first path whose value is not blank fills the field. */
export interface MappingRule {
  /** `email`, `first_name`, …, or `metadata.KEY`. */
  readonly field: string
  readonly paths: readonly string[]
}

/** Parses the rules of a row: they were checked before they were stored. */
export function readMapping(stored: unknown): readonly MappingRule[] {
  return stored as readonly MappingRule[]
}
