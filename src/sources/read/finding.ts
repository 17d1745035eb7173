import type { AnswerField } from '../kinds/kind.ts'
import { formatPath, type PathPart } from '../mapping/path.ts'
import type { JsonValue } from '../payload.ts'
import type { PersonField } from './aliases.ts'
import type { Label } from './label.ts'

/** Subject of the objects around a value: the lead, somebody else, a thing, or none of them. */
export type Standing = 'person' | 'stranger' | 'thing' | 'plain'

/** A value of a payload that may belong to a field of the lead. It is a scalar or a list. */
export interface Finding {
  /** Path in the mapping language, or its names and indexes. */
  readonly place: string | readonly PathPart[]
  /** Names to look up, the most specific one first: `company.name` before `name`. There is at least one. */
  readonly labels: readonly Label[]
  /** Text whose slug is the metadata key, unless a field or an alias names one. */
  readonly keyText: string
  readonly value: JsonValue
  /** Assignment by the tool itself. */
  readonly field?: AnswerField
  /** Names of the objects around the value, outermost first. Empty for the answers of a kind. */
  readonly container: readonly string[]
  readonly standing: Standing
}

export function pathOf({ place }: Finding): string {
  return typeof place === 'string' ? place : formatPath(place)
}

/** Returns the field that the tool or the label names, whoever it is about. */
export function fieldOf({ field, labels }: Finding): PersonField | 'metadata' | undefined {
  if (field !== undefined) return field
  for (const label of labels) if (label.field !== undefined) return label.field
  return undefined
}

/** Returns whether the value is this field of the lead, and not somebody else's or a thing's. */
export function isField(finding: Finding, wanted: PersonField): boolean {
  if (fieldOf(finding) !== wanted) return false
  return finding.field !== undefined || finding.standing === 'plain' || finding.standing === 'person'
}

/** Returns the metadata key of a value about the visit; undefined for another value. */
export function trackingKeyOf({ labels }: Finding): string | undefined {
  for (const { tracking } of labels) if (tracking !== undefined) return tracking
  return undefined
}

/** Returns the words of the value's own label. */
export function ownWords({ labels }: Finding): readonly string[] {
  return labels.at(-1)?.words ?? []
}
