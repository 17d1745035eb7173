import type { JsonObject, JsonValue } from '../payload.ts'
import { isJsonField } from './mappable.ts'

/** Names and values of a form, in the order in which they were sent. */
export type FormEntries = readonly (readonly [name: string, value: string])[]

/** Levels that names may open; deeper ones are kept as they were sent. */
const maxLevels = 16

/** Levels that all names of a form may open together; a name after them is kept as it was sent. */
const maxObjects = 10_000

type Tree = Map<string, Tree | Leaf>

/** Values of one name, in their order. */
interface Leaf {
  readonly values: string[]
  readonly isList: boolean
}

/**
 * Nests the fields of a form: `fields[email][value]` and `contact.email` are objects, `tags[]` and a repeated name are
 * lists, and so are the indexes 0, 1, … A name that contradicts an earlier one is kept: `a[b]` after `a` as it was
 * sent, `a` after `a[b]` under an empty name. `data.json` and the other fields that hold JSON keep their name.
 */
export function nestFields(entries: FormEntries): JsonObject {
  const root: Tree = new Map()
  let objects = maxObjects
  for (const [name, value] of entries) {
    const path = objects > 0 && (name.includes('[') || name.includes('.')) ? pathOf(name) : [name]
    objects -= path.length - 1
    if (path.length === 1 || !insert(root, path, value)) addValue(root, name, root.get(name), value, false)
  }
  return Object.fromEntries([...root].map(([key, node]) => [key, toJson(node)]))
}

/** Returns the keys of a name; an empty one stands for the next index. */
function pathOf(name: string): readonly string[] {
  if (isJsonField(name) || opensTooMany(name, '[')) return [name]
  const [, head = '', rest = ''] = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name) ?? []
  if (head === '') return dottedPath(name)
  const path = [...dottedPath(head), ...rest.slice(1, -1).split('][')]
  return path.length > maxLevels ? [name] : path
}

/** A pattern would look at all of a long name first. */
function opensTooMany(name: string, sign: string): boolean {
  return name.split(sign, maxLevels + 1).length > maxLevels
}

/** Splits `contact.email`; a label such as `Dr. Who?` is no path. */
function dottedPath(name: string): readonly string[] {
  if (opensTooMany(name, '.') || !/^[A-Za-z_][\w-]*(?:\.[\w-]+)+$/.test(name)) return [name]
  return name.split('.')
}

/** Returns false when an earlier name has another shape. */
function insert(root: Tree, path: readonly string[], value: string): boolean {
  let node = root
  const keys = path.at(-1) === '' && path.length > 1 ? path.slice(0, -1) : path
  for (const [index, sent] of keys.entries()) {
    const key = sent === '' && index > 0 ? String(node.size) : sent
    const found = node.get(key)
    if (index === keys.length - 1) return addValue(node, key, found, value, keys.length < path.length)
    if (found !== undefined && !(found instanceof Map)) return false
    const next: Tree = found ?? new Map()
    if (found === undefined) node.set(key, next)
    node = next
  }
  return false
}

/** `isList`: the name ends in `[]`, so that a single value is a list as well. */
function addValue(node: Tree, key: string, found: Tree | Leaf | undefined, value: string, isList: boolean): boolean {
  // `a` after `a[b]`: a value beside the names.
  if (found instanceof Map) return addValue(found, '', found.get(''), value, isList)
  if (found === undefined) node.set(key, { values: [value], isList })
  else found.values.push(value)
  return true
}

function toJson(node: Tree | Leaf): JsonValue {
  if (!(node instanceof Map)) return node.isList || node.values.length > 1 ? node.values : (node.values[0] ?? null)
  const entries = [...node].map(([key, child]) => [key, toJson(child)] as const)
  const isList = entries.every(([key], index) => key === String(index))
  return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}
