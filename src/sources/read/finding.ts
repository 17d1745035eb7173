import type { AnswerField } from '../kinds/kind.ts'
import type { JsonValue } from '../payload.ts'

/** What the objects around a value are: about the lead, about somebody else, about a thing, or neither. */
export type Standing = 'person' | 'stranger' | 'thing' | 'plain'

/** A value of a payload that may belong to a field of the lead. It is a scalar or a list. */
export interface Finding {
  /** Path in the mapping language. */
  readonly path: string
  /** Names to look up, the most specific one first: `company.name` before `name`. */
  readonly labels: readonly string[]
  /** Text whose slug is the metadata key, unless a field or an alias names one. */
  readonly keyText: string
  readonly value: JsonValue
  /** Assignment by the tool itself. */
  readonly field?: AnswerField
  /** Names of the objects around the value, outermost first. Empty for the answers of a kind. */
  readonly container: readonly string[]
  readonly standing: Standing
}
