import type { FieldProblem } from '../platform/errors.ts'
import { toVisibleLine, trimInvisible } from '../platform/text/visible-text.ts'
import type { MetadataValue } from './contact.ts'
import { normaliseEmail } from './email.ts'

/** What is found wrong with an input, whoever it comes from; each check adds to it. */
export type Problems = FieldProblem[]

export const maxMetadataKeys = 50
const maxLineLength = 200
const maxValueLength = 500
const maxUrlLength = 2048
export const metadataKeyPattern = /^[A-Za-z][A-Za-z0-9_.-]{0,39}$/
const urlKeys = new Set(['landing_page', 'referrer', 'page_url', 'first_landing_page', 'first_referrer'])
export const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

/** The identity of an e-mail; undefined when it is none. */
export function checkEmail(value: unknown, problems: Problems): string | undefined {
  const email = typeof value === 'string' ? normaliseEmail(value) : undefined
  const isMissing = value === undefined || value === null || value === ''
  if (email === undefined)
    problems.push(
      isMissing
        ? { path: 'email', message: 'is required', kind: 'required' }
        : { path: 'email', message: 'one e-mail address is expected' },
    )
  return email
}

/** A name or source, one line; undefined when it is blank. */
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
  problems.push({ path, message: "one of the workspace's stages is expected" })
  return undefined
}

/** Metadata by key, undefined where a value is null or blank: what that means is the caller's to say. */
export function checkMetadata(
  entries: readonly (readonly [string, unknown])[],
  path: string,
  problems: Problems,
): Map<string, MetadataValue | undefined> {
  const checked = new Map<string, MetadataValue | undefined>()
  for (const [key, value] of entries) {
    if (isMetadataKey(key)) checked.set(key, checkMetadataValue(key, value, `${path}.${key}`, problems))
    else problems.push({ path, message: 'keys are a letter and up to 39 letters, digits, _, . or -' })
  }
  return checked
}

export function checkKeyCount(count: number, path: string, problems: Problems): void {
  if (count > maxMetadataKeys) problems.push({ path, message: `at most ${maxMetadataKeys} keys are taken` })
}

function isMetadataKey(key: string): boolean {
  return !forbiddenKeys.has(key) && metadataKeyPattern.test(key)
}

function checkMetadataValue(key: string, value: unknown, path: string, problems: Problems): MetadataValue | undefined {
  if (value === null) return undefined
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value
  if (typeof value !== 'string') {
    problems.push({ path, message: 'a string, number or boolean is expected' })
    return undefined
  }
  const maxLength = urlKeys.has(key) ? maxUrlLength : maxValueLength
  if (isLonger(value, maxLength)) problems.push(tooLong(path, maxLength))
  return trimInvisible(value) === '' ? undefined : value
}

/** In characters, of which some take two units of UTF-16. */
function isLonger(text: string, maxLength: number): boolean {
  return text.length > maxLength && [...text].length > maxLength
}

function tooLong(path: string, maxLength: number): FieldProblem {
  return { path, message: `at most ${maxLength} characters are taken`, kind: 'too_long' }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
