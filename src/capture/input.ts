import type { Metadata, MetadataValue } from '../contacts/contact.ts'
import { normaliseEmail } from '../contacts/email.ts'
import type { ContactFields } from '../contacts/merge.ts'
import { type FieldProblem, invalidRequest } from '../errors.ts'

const maxFields = 100
const maxMetadataKeys = 50
const maxNameLength = 200
const maxValueLength = 500
const maxUrlLength = 2048
const metadataKeyPattern = /^[A-Za-z][A-Za-z0-9_.-]{0,39}$/
const urlKeys = new Set(['landing_page', 'referrer', 'page_url'])
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])
const knownKeys = new Set(['email', 'first_name', 'last_name', 'source', 'metadata'])
const ignoredPattern = /^(?:id|stage|created_at|workspace.*)$/

/** A capture's body, checked and normalised. */
export interface CaptureInput {
  readonly email: string
  readonly fields: ContactFields
  /** What was posted, less the fields that begin with `_`. */
  readonly posted: Readonly<Record<string, unknown>>
  /** The fields that begin with `_`: they steer this request and are never stored. */
  readonly controls: Readonly<Record<string, unknown>>
}

/** What may be set by whom: `stages` is empty for a caller who may not set one. */
export interface InputRights {
  readonly stages: readonly string[]
}

type Problems = FieldProblem[]
type Body = Readonly<Record<string, unknown>>

/** Reads the body of a capture. @throws AppError `invalid_request` that names every wrong field */
export function parseCapture(body: unknown, rights: InputRights): CaptureInput {
  if (!isObject(body)) throw invalidRequest([{ path: '', message: 'an object is expected' }])
  const problems: Problems = []
  if (Object.keys(body).length > maxFields)
    problems.push({ path: '', message: `at most ${maxFields} fields are taken` })
  const email = readEmail(body['email'], problems)
  const fields = readFields(body, rights, problems)
  if (email === undefined || problems.length > 0) throw invalidRequest(problems)
  return {
    email,
    fields,
    posted: pick(body, (key) => !key.startsWith('_')),
    controls: pick(body, (key) => key.startsWith('_')),
  }
}

function readEmail(value: unknown, problems: Problems): string | undefined {
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

function readFields(body: Body, rights: InputRights, problems: Problems): ContactFields {
  const firstName = readLine(body, 'first_name', problems)
  const lastName = readLine(body, 'last_name', problems)
  const source = readLine(body, 'source', problems)
  const stage = readStage(body, rights, problems)
  return {
    ...(firstName !== undefined && { firstName }),
    ...(lastName !== undefined && { lastName }),
    ...(source !== undefined && { source }),
    ...(stage !== undefined && { stage }),
    metadata: readMetadata(body, problems),
  }
}

/** A single-line text; undefined when it is blank. */
function readLine(body: Body, path: string, problems: Problems): string | undefined {
  const value = body[path]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') {
    problems.push({ path, message: 'a string is expected' })
    return undefined
  }
  const line = toSingleLine(value)
  if (line.length > maxNameLength) problems.push(tooLong(path, maxNameLength))
  return line === '' ? undefined : line
}

/** Without control characters (a line break is a space) and bidi overrides, which could forge what is shown. */
function toSingleLine(text: string): string {
  return text
    .replace(/[\t\r\n]+/g, ' ')
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim()
}

function readStage(body: Body, { stages }: InputRights, problems: Problems): string | undefined {
  const stage = body['stage']
  if (stages.length === 0 || stage === undefined || stage === null || stage === '') return undefined
  if (typeof stage === 'string' && stages.includes(stage)) return stage
  problems.push({ path: 'stage', message: "one of the workspace's stages is expected" })
  return undefined
}

/** `metadata`, and with it every field that nobody knows. */
function readMetadata(body: Body, problems: Problems): Metadata {
  const given = body['metadata'] ?? {}
  if (!isObject(given)) {
    problems.push({ path: 'metadata', message: 'an object is expected' })
    return {}
  }
  const others = pick(body, (key) => !knownKeys.has(key) && !key.startsWith('_') && !ignoredPattern.test(key))
  const entries = [...forbidden(body), ...Object.entries(others), ...Object.entries(given)]
  const metadata = new Map<string, MetadataValue>()
  for (const [key, value] of entries) {
    const read = readMetadataValue(key, value, problems)
    if (read !== undefined) metadata.set(key, read)
  }
  if (metadata.size > maxMetadataKeys)
    problems.push({ path: 'metadata', message: `at most ${maxMetadataKeys} keys are taken` })
  return Object.fromEntries(metadata)
}

/** `__proto__` begins with an underscore, yet is an attack rather than a control field. */
function forbidden(body: Body): [string, unknown][] {
  return Object.entries(body).filter(([key]) => key.startsWith('_') && forbiddenKeys.has(key))
}

function readMetadataValue(key: string, value: unknown, problems: Problems): MetadataValue | undefined {
  if (forbiddenKeys.has(key) || !metadataKeyPattern.test(key)) {
    problems.push({ path: 'metadata', message: 'keys are a letter and up to 39 letters, digits, _, . or -' })
    return undefined
  }
  const path = `metadata.${key}`
  if (value === null) return undefined
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value
  if (typeof value !== 'string') {
    problems.push({ path, message: 'a string, number or boolean is expected' })
    return undefined
  }
  const maxLength = urlKeys.has(key) ? maxUrlLength : maxValueLength
  if (value.length > maxLength) problems.push(tooLong(path, maxLength))
  return value.trim() === '' ? undefined : value
}

function tooLong(path: string, maxLength: number): FieldProblem {
  return { path, message: `at most ${maxLength} characters are taken`, kind: 'too_long' }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function pick(body: Body, wants: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([key]) => wants(key)))
}
