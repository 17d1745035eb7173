import type { JsonObject } from '../../payload.ts'
import type { Standing } from '../finding.ts'
import { type Label, labelOf } from '../label.ts'
import { isWrapper, standingWithin } from './places.ts'

/** Place of an object in the payload. Its names are taken apart when a value within it is kept. */
export class Place {
  readonly #outer: Place | undefined
  readonly #key: string
  readonly #object: JsonObject
  readonly #index: string | undefined
  #names: readonly string[] | undefined
  #standing: Standing | undefined
  #prefix: string | undefined

  /**
   * @param outer place of the object around; undefined for the payload itself
   * @param index of the object in a list whose items are about different people
   */
  constructor(outer: Place | undefined, key: string, object: JsonObject, index?: string) {
    this.#outer = outer
    this.#key = key
    this.#object = object
    this.#index = index
  }

  /** Name of the object; undefined for the payload itself. */
  get parent(): Label | undefined {
    return this.#outer && labelOf(this.#key)
  }

  /** Names of the objects around, and indexes of lists of objects. */
  get names(): readonly string[] {
    this.#names ??= this.#outer === undefined ? [] : this.#namesWithin(this.#outer)
    return this.#names
  }

  get standing(): Standing {
    this.#standing ??= this.#outer ? standingWithin(this.#outer.standing, labelOf(this.#key), this.#object) : 'plain'
    return this.#standing
  }

  /** Names that begin the metadata keys within the object. */
  get keyPrefix(): string {
    this.#prefix ??= this.#outer === undefined ? '' : this.#prefixWithin(this.#outer)
    return this.#prefix
  }

  #namesWithin({ names }: Place): readonly string[] {
    const own = labelOf(this.#key).field === 'email' ? [] : [this.#key]
    return [...names, ...own, ...(this.#index === undefined ? [] : [this.#index])]
  }

  #prefixWithin({ keyPrefix }: Place): string {
    return isWrapper(labelOf(this.#key)) ? keyPrefix : `${keyPrefix}${this.#key} `
  }
}
