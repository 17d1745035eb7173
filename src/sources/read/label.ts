import { LRUCache } from 'lru-cache'
import { wordsOf } from '../../platform/text/words.ts'
import { fieldOfWords, type PersonField } from './aliases.ts'
import { trackingKeyOfWords } from './values/tracking.ts'

/** Name of a value, taken apart once for all that is looked up in it. */
export interface Label {
  readonly text: string
  readonly words: readonly string[]
  /** Field of the lead that the label names. */
  readonly field: PersonField | undefined
  /** Metadata key of a value about the visit, such as `utm_source`. */
  readonly tracking: string | undefined
}

/** Forms send the same labels with every lead. */
const known = new LRUCache<string, Label>({ max: 5000 })
/** Length of the longest label that may name a field. */
export const maxNameLength = 100

export function labelOf(text: string): Label {
  if (text.length > maxNameLength) return new LongLabel(text)
  const present = known.get(text)
  if (present !== undefined) return present
  const label = readLabel(text, wordsOf(text))
  known.set(text, label)
  return label
}

/** Returns the label of a value within a named object: `company.name` is a company. */
export function joinedLabel(parent: Label, child: Label): Label {
  return readLabel(`${parent.text} ${child.text}`, [...parent.words, ...child.words])
}

function readLabel(text: string, words: readonly string[]): Label {
  return { text, words, field: fieldOfWords(text, words), tracking: trackingKeyOfWords(words) }
}

/** A question in prose: it names no field, and most are never taken apart. */
class LongLabel implements Label {
  readonly text: string
  readonly field = undefined
  readonly tracking = undefined
  #words: readonly string[] | undefined

  constructor(text: string) {
    this.text = text
  }

  get words(): readonly string[] {
    this.#words ??= wordsOf(this.text)
    return this.#words
  }
}
