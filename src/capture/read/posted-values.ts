import type { MetadataValue } from '../../contacts/contact.ts'
import { isBlank, isMetadataValue, isObject } from '../../contacts/field-checks.ts'
import { isPlainKey, metadataKeyOf } from '../../contacts/metadata-keys.ts'
import type { PostedField } from './posted-fields.ts'

/** Values of one posted name, without blank ones. */
export interface PostedValues {
  /** Whether they stand in `metadata`, not beside it. */
  readonly isGiven: boolean
  /** Names from the outermost object to the value: `utm[source]` and `{"utm": {"source": …}}` are both two. */
  readonly names: readonly string[]
  readonly key: string
  /** Whether the key is the name as it was sent, so that it wins over labels with the same slug. */
  readonly isPlain: boolean
  readonly values: readonly MetadataValue[]
  /** Whether they came in a list: then even one number is text. */
  readonly isList: boolean
}

interface Collected extends PostedValues {
  readonly values: MetadataValue[]
}

/** One text, number or boolean of a body, or what takes its place and is none. */
interface Leaf extends Pick<PostedValues, 'isGiven' | 'names' | 'key' | 'isList'> {
  readonly value: unknown
}

/** A form has fewer values, and JSON is nested no deeper. They bound the time for a hostile body. */
const maxValues = 1000
const maxSegments = 16
/** Slugs need no more of a name. */
const maxNameLength = 256

/**
 * Lists the values of posted fields by name: objects are flattened, and lists are transparent, so that
 * `items: [{sku: 'a'}, {sku: 'b'}]` are two values of `items_sku`. Null and blank texts are left out.
 * @param refuse called with the key of a number that JSON cannot hold
 */
export function listPostedValues(fields: Iterable<PostedField>, refuse: (key: string) => void): PostedValues[] {
  const byName = new Map<string, Collected>()
  let count = 0
  for (const leaf of leavesOfFields(fields)) {
    if (++count > maxValues) break
    if (!isMetadataValue(leaf.value)) refuse(leaf.key)
    else if (!isBlank(leaf.value)) collect(byName, leaf, leaf.value)
  }
  return [...byName.values()]
}

function collect(byName: Map<string, Collected>, leaf: Leaf, value: MetadataValue): void {
  const { isGiven, names, key, isList } = leaf
  const id = [isGiven, ...names].join('\u0000')
  const known = byName.get(id)
  const isPlain = names.length === 1 && isPlainKey(names[0] ?? '')
  if (known === undefined) byName.set(id, { isGiven, names, key, isPlain, values: [value], isList })
  else known.values.push(value)
}

function* leavesOfFields(fields: Iterable<PostedField>): Generator<Leaf> {
  for (const { name, value, isGiven } of fields) {
    const names = segmentsOf(name)
    const key = names.reduce<string | undefined>(keyUnder, undefined) ?? ''
    yield* leavesOf({ isGiven, names, key, value, isList: false })
  }
}

function* leavesOf(leaf: Leaf): Generator<Leaf> {
  const { names, key, value } = leaf
  if (value === null || value === undefined) return
  if (Array.isArray(value)) for (const item of value) yield* leavesOf({ ...leaf, value: item, isList: true })
  else if (isObject(value))
    for (const [name, child] of Object.entries(value)) {
      const short = name.slice(0, maxNameLength)
      yield* leavesOf({ ...leaf, names: [...names, short], key: keyUnder(key, short), value: child })
    }
  else yield leaf
}

/**
 * Splits a name of a form at its brackets: `lead[phone]` is `lead` and `phone`, `interests[]` is `interests`. A name whose
 * brackets are not of this form stays whole.
 */
export function allSegmentsOf(name: string): string[] {
  if (!name.includes('[')) return [name]
  const [, head = '', brackets = ''] = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name) ?? []
  return head === '' ? [name] : [head, ...brackets.slice(1, -1).split('][')]
}

/** Returns the segments of a name that a key is made of. */
function segmentsOf(name: string): string[] {
  const segments = allSegmentsOf(name).slice(0, maxSegments + 1)
  return segments
    .filter((segment, nth) => nth === 0 || segment !== '')
    .map((segment) => segment.slice(0, maxNameLength))
}

/** Returns the key of a name inside an object: `utm_source` for both `utm: {source}` and `utm: {utm_source}`. */
function keyUnder(parentKey: string | undefined, name: string): string {
  if (parentKey === undefined) return metadataKeyOf(name)
  const isWhole = parentKey === 'utm' && name.toLowerCase().startsWith('utm_')
  return metadataKeyOf(isWhole ? name : `${parentKey}_${name}`)
}
