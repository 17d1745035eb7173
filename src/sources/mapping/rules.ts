import { LRUCache } from 'lru-cache'
import { isLongerThan } from '../../platform/text/text-length.ts'
import type { JsonObject, JsonValue } from '../payload.ts'
import { isBlank } from '../value-text.ts'
import { formatPath, type ParsedPath, parsePath } from './path.ts'
import { findValue, Selections } from './read-path.ts'

/** Rule of a user: the field takes the first value that is not blank at one of the paths. */
export interface MappingRule {
  readonly field: string
  readonly paths: readonly string[]
}

export interface MappingProblem {
  /** Such as `['mapping', '1', 'paths', '0']`. */
  readonly path: readonly string[]
  readonly message: string
}

/** Value that a rule found. */
export interface MappedValue {
  readonly field: string
  readonly value: JsonValue
  /** Path of the value without selections. */
  readonly path: string
}

const maxRules = 30
const maxPaths = 50
const maxPathLength = 200
const personFields = new Set(['email', 'first_name', 'last_name', 'full_name', 'phone', 'company', 'source'])
const metadataField = /^metadata\.[A-Za-z][A-Za-z0-9_.-]{0,63}$/
const forbiddenFields = new Set(['metadata.constructor', 'metadata.prototype'])

/** Returns every problem of a mapping; empty for a valid one. Limits: 30 rules, 50 paths each, of 200 characters. */
export function checkMapping(rules: readonly MappingRule[]): MappingProblem[] {
  const problems: MappingProblem[] = []
  if (rules.length > maxRules) problems.push({ path: ['mapping'], message: `at most ${maxRules} rules are allowed` })
  for (const [nth, rule] of rules.slice(0, maxRules).entries()) {
    const path = ['mapping', String(nth)]
    if (!isField(rule.field)) problems.push({ path: [...path, 'field'], message: fieldMessage })
    problems.push(...checkPaths(rule.paths, [...path, 'paths']))
  }
  return problems
}

const fieldMessage = `must be ${[...personFields].join(', ')} or metadata.KEY with a KEY of up to 64 letters, digits, _, . or -`

function isField(field: string): boolean {
  return personFields.has(field) || (metadataField.test(field) && !forbiddenFields.has(field))
}

function checkPaths(paths: readonly string[], path: readonly string[]): MappingProblem[] {
  if (paths.length === 0) return [{ path, message: 'at least one path is expected' }]
  if (paths.length > maxPaths) return [{ path, message: `at most ${maxPaths} paths are allowed` }]
  return paths.flatMap((text, nth) => {
    const message = checkPath(text)
    return message === undefined ? [] : [{ path: [...path, String(nth)], message }]
  })
}

function checkPath(text: string): string | undefined {
  if (isLongerThan(text, maxPathLength)) return `at most ${maxPathLength} characters are allowed`
  const parsed = parsePath(text)
  return parsed.isValid ? undefined : `character ${parsed.character}: ${parsed.message}`
}

/** The rules of a source are the same for every lead. */
const parsedPaths = new LRUCache<string, ParsedPath>({ max: 5000 })

function parsedPath(text: string): ParsedPath {
  const parsed = parsedPaths.get(text) ?? parsePath(text)
  parsedPaths.set(text, parsed)
  return parsed
}

/**
 * Returns the values that the rules find, in their order; of two rules for one field the first that finds one counts.
 * A path that is invalid finds nothing. Its time grows with the payload and with the length of the rules.
 */
export function applyMapping(rules: readonly MappingRule[], body: JsonObject): MappedValue[] {
  const mapped = new Map<string, MappedValue>()
  const selections = new Selections()
  for (const { field, paths } of rules.slice(0, maxRules)) {
    if (mapped.has(field)) continue
    const found = firstValue(paths, body, selections)
    if (found !== undefined) mapped.set(field, { field, ...found })
  }
  return [...mapped.values()]
}

function firstValue(
  paths: readonly string[],
  body: JsonObject,
  selections: Selections,
): { value: JsonValue; path: string } | undefined {
  for (const path of paths.slice(0, maxPaths)) {
    const parsed = parsedPath(path)
    const found = parsed.isValid ? findValue(parsed.steps, body, selections) : undefined
    if (found !== undefined && !isBlank(found.value)) return { value: found.value, path: formatPath(found.parts) }
  }
  return undefined
}
