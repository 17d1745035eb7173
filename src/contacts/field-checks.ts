import type { FieldProblem } from '../platform/errors.ts'
import { normaliseEmail } from '../platform/text/email.ts'
import { toVisibleLine, trimInvisible } from '../platform/text/visible-text.ts'
import type { MetadataValue } from './contact.ts'

/** Problems of an input; each check appends to them. */
export type Problems = FieldProblem[]

export const maxMetadataKeys = 50
const maxLineLength = 200
const maxValueLength = 500
const maxUrlLength = 2048
export const metadataKeyPattern = /^[A-Za-z][A-Za-z0-9_.-]{0,39}$/
const urlKeys = new Set(['landing_page', 'referrer', 'page_url', 'first_landing_page', 'first_referrer'])
export const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

/** Returns the identity of an e-mail; undefined when it is invalid. */
export function checkEmail(value: unknown, problems: Problems): string | undefined {
  const email = typeof value === 'string' ? normaliseEmail(value) : undefined
  const isMissing = value === undefined || value === null || value === ''
  if (email === undefined)
    problems.push(
      isMissing
        ? { path: 'email', message: 'is required', kind: 'required' }
        : { path: 'email', message: 'must be one e-mail address' },
    )
  return email
}

/** Returns a name or source as one line; undefined when it is blank. */
export function checkLine(value: unknown, path: string, problems: Problems): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') {
    problems.push({ path, message: 'a string is expected' })
    return undefined
  }
  const line = toVisibleLine(value)
  if (isLonger(line, maxLineLength)) problems.push(tooLong(path, maxLineLength))
  return line === '' ? undefined : line
}

export function checkStage(stage: unknown, stages: readonly string[], path: string, problems: Problems) {
  if (typeof stage === 'string' && stages.includes(stage)) return stage
  problems.push({ path, message: "must be one of the workspace's stages" })
  return undefined
}

/** Returns metadata by key; null or blank values are undefined, and the caller decides about them. */
export function checkMetadata(
  entries: readonly (readonly [string, unknown])[],
  path: string,
  problems: Problems,
): Map<string, MetadataValue | undefined> {
  const checked = new Map<string, MetadataValue | undefined>()
  for (const [key, value] of entries) {
    if (isMetadataKey(key)) checked.set(key, checkMetadataValue(key, value, `${path}.${key}`, problems))
    else problems.push({ path, message: 'a key must be a letter followed by up to 39 letters, digits, _, . or -' })
  }
  return checked
}

export function checkKeyCount(count: number, path: string, problems: Problems): void {
  if (count > maxMetadataKeys) problems.push({ path, message: `at most ${maxMetadataKeys} keys are allowed` })
}

function isMetadataKey(key: string): boolean {
  return !forbiddenKeys.has(key) && metadataKeyPattern.test(key)
}

function checkMetadataValue(key: string, value: unknown, path: string, problems: Problems): MetadataValue | undefined {
  if (value === null) return undefined
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value
  if (typeof value !== 'string') {
    problems.push({ path, message: 'must be a string, number or boolean' })
    return undefined
  }
  const maxLength = urlKeys.has(key) ? maxUrlLength : maxValueLength
  if (isLonger(value, maxLength)) problems.push(tooLong(path, maxLength))
  return trimInvisible(value) === '' ? undefined : value
}

/** Counts characters: some of them take two units of UTF-16. */
function isLonger(text: string, maxLength: number): boolean {
  return text.length > maxLength && [...text].length > maxLength
}

function tooLong(path: string, maxLength: number): FieldProblem {
  return { path, message: `at most ${maxLength} characters are allowed`, kind: 'too_long' }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
