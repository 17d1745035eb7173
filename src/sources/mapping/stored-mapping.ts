import type { MappingRule } from './rules.ts'

/** Parses the rules of a row: they were checked before they were stored. */
export function readMapping(stored: unknown): readonly MappingRule[] {
  return stored as readonly MappingRule[]
}
