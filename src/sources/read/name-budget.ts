import type { JsonValue } from '../payload.ts'
import { maxNameLength } from './label.ts'

/** Values that are kept whatever they are; of those after them, the ones that may be an address. */
const maxValues = 800
const maxAddresses = 200
/** Characters of the names of these values: to take a name apart takes as long as it is. */
const maxCharacters = 16 * 1024

/** Limits the values of one payload whose names are taken apart, which is the slow part of reading it. */
export class NameBudget {
  #values = maxValues
  #characters = maxCharacters
  #addresses = maxAddresses

  /** Returns whether a value is kept. Longer names are questions in prose, and most are never taken apart. */
  takes(name: string, value: JsonValue): boolean {
    if (this.#values > 0 && this.#characters > 0) {
      this.#values--
      if (name.length <= maxNameLength) this.#characters -= name.length
      return true
    }
    if (this.#addresses <= 0 || !mayHoldAddress(value)) return false
    this.#addresses--
    return true
  }
}

function mayHoldAddress(value: JsonValue): boolean {
  if (typeof value === 'string') return value.includes('@')
  return Array.isArray(value) && value.some((item) => typeof item === 'string' && item.includes('@'))
}
