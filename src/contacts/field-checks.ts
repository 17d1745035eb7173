import type { FieldProblem } from '../platform/errors.ts'
import { normaliseEmail } from '../platform/text/email.ts'
import { isLongerThan } from '../platform/text/text-length.ts'
import { toVisibleLine, trimInvisible } from '../platform/text/visible-text.ts'
import type { MetadataValue } from './contact.ts'
import { isStoredKey, keyMessage } from './metadata-keys.ts'

/** Problems of an input; each check appends to them. */
export type Problems = FieldProblem[]

export const maxMetadataKeys = 50
const maxLineLength = 200
const maxValueLength = 500
const maxTextLength = 5000
const maxUrlLength = 2048
const urlKeys = new Set(['landing_page', 'referrer', 'page_url', 'first_landing_page', 'first_referrer'])

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
  if (isLongerThan(line, maxLineLength)) problems.push(tooLong(path, maxLineLength))
  return line === '' ? undefined : line
}

export function checkStage(stage: unknown, stages: readonly string[], path: string, problems: Problems) {
  if (typeof stage === 'string' && stages.includes(stage)) return stage
  problems.push({ path, message: "must be one of the workspace's stages" })
  return undefined
}

/**
 * Returns metadata by key, as an edit writes them; null or blank values are undefined, and the caller decides about
 * them.
 */
export function checkMetadata(
  entries: readonly (readonly [string, unknown])[],
  path: string,
  problems: Problems,
): Map<string, MetadataValue | undefined> {
  const checked = new Map<string, MetadataValue | undefined>()
  for (const [key, value] of entries) {
    if (isStoredKey(key)) checked.set(key, checkMetadataValue(key, value, `${path}.${key}`, problems))
    else problems.push({ path, message: keyMessage })
  }
  return checked
}

export function checkKeyCount(count: number, path: string, problems: Problems): void {
  if (count > maxMetadataKeys) problems.push({ path, message: `at most ${maxMetadataKeys} keys are allowed` })
}

function checkMetadataValue(key: string, value: unknown, path: string, problems: Problems): MetadataValue | undefined {
  if (value === null) return undefined
  if (!isMetadataValue(value)) {
    problems.push(noMetadataValue(path))
    return undefined
  }
  checkLength(value, urlKeys.has(key) ? maxUrlLength : maxValueLength, path, problems)
  return isBlank(value) ? undefined : value
}

/** Checks the length of a value that was captured. Forms have long texts, so it may be longer than in an edit. */
export function checkCapturedLength(key: string, value: MetadataValue, path: string, problems: Problems): void {
  checkLength(value, capturedLength(key), path, problems)
}

/** Cuts a text that is made of several values, and that no caller can make shorter, to the length of a captured one. */
export function cutToCapturedLength(key: string, text: string): string {
  const maxLength = capturedLength(key)
  return isLongerThan(text, maxLength) ? [...text].slice(0, maxLength).join('') : text
}

function capturedLength(key: string): number {
  return urlKeys.has(key) ? maxUrlLength : maxTextLength
}

function checkLength(value: MetadataValue, maxLength: number, path: string, problems: Problems): void {
  if (typeof value === 'string' && isLongerThan(value, maxLength)) problems.push(tooLong(path, maxLength))
}

export function isMetadataValue(value: unknown): value is MetadataValue {
  return (
    typeof value === 'boolean' || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
  )
}

export function noMetadataValue(path: string): FieldProblem {
  return { path, message: 'must be a string, number or boolean' }
}

/** Returns whether a value is an empty text: it neither clears a field nor replaces another value. */
export function isBlank(value: MetadataValue): boolean {
  return typeof value === 'string' && trimInvisible(value) === ''
}

/** Returns the text of a name as it is stored; undefined when it is blank or too long for one. */
export function lineThatFits(text: string): string | undefined {
  const line = toVisibleLine(text)
  return line === '' || isLongerThan(line, maxLineLength) ? undefined : line
}

function tooLong(path: string, maxLength: number): FieldProblem {
  return { path, message: `at most ${maxLength} characters are allowed`, kind: 'too_long' }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
