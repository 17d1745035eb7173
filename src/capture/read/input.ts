import type { Metadata, MetadataValue } from '../../contacts/contact.ts'
import {
  checkEmail,
  checkKeyCount,
  checkLine,
  checkMetadata,
  checkStage,
  forbiddenKeys,
  isObject,
  type Problems,
} from '../../contacts/field-checks.ts'
import type { ContactFields } from '../../contacts/merge.ts'
import { type FieldProblem, invalidRequest } from '../../platform/errors.ts'

export const maxFields = 100
export const knownKeys = new Set(['email', 'first_name', 'last_name', 'source', 'metadata'])
const ignoredPattern = /^(?:id|stage|created_at|workspace.*)$/

/** Checked and normalised body of a capture. */
export interface CaptureInput {
  readonly email: string
  readonly fields: ContactFields
  /** Posted fields without those that begin with `_`. */
  readonly posted: Readonly<Record<string, unknown>>
  /** Fields that begin with `_`: they control this request and are never stored. */
  readonly controls: Readonly<Record<string, unknown>>
}

/** Fields that the caller may set: `stages` is empty for a caller who may not set a stage. */
export interface InputRights {
  readonly stages: readonly string[]
}

export const tooManyFields: FieldProblem = { path: '', message: `at most ${maxFields} fields are allowed` }

type Body = Readonly<Record<string, unknown>>

/** Reads the body of a capture. @throws AppError `invalid_request` that names every wrong field */
export function parseCapture(body: unknown, rights: InputRights): CaptureInput {
  if (!isObject(body)) throw invalidRequest([{ path: '', message: 'an object is expected' }])
  const problems: Problems = []
  if (Object.keys(body).length > maxFields) problems.push(tooManyFields)
  const email = checkEmail(body['email'], problems)
  const fields = readFields(body, rights, problems)
  if (email === undefined || problems.length > 0) throw invalidRequest(problems)
  return {
    email,
    fields,
    posted: pick(body, (key) => !key.startsWith('_')),
    controls: pick(body, (key) => key.startsWith('_')),
  }
}

function readFields(body: Body, rights: InputRights, problems: Problems): ContactFields {
  const firstName = checkLine(body['first_name'], 'first_name', problems)
  const lastName = checkLine(body['last_name'], 'last_name', problems)
  const source = checkLine(body['source'], 'source', problems)
  const stage = readStage(body, rights, problems)
  return {
    ...(firstName !== undefined && { firstName }),
    ...(lastName !== undefined && { lastName }),
    ...(source !== undefined && { source }),
    ...(stage !== undefined && { stage }),
    metadata: readMetadata(body, problems),
  }
}

function readStage(body: Body, { stages }: InputRights, problems: Problems): string | undefined {
  const stage = body['stage']
  if (stages.length === 0 || stage === undefined || stage === null || stage === '') return undefined
  return checkStage(stage, stages, 'stage', problems)
}

/** Reads `metadata` and adds every unknown field to it. */
function readMetadata(body: Body, problems: Problems): Metadata {
  const given = body['metadata'] ?? {}
  if (!isObject(given)) {
    problems.push({ path: 'metadata', message: 'an object is expected' })
    return {}
  }
  const others = pick(body, (key) => !knownKeys.has(key) && !key.startsWith('_') && !ignoredPattern.test(key))
  const givenOf = (entries: readonly [string, unknown][]) =>
    [...checkMetadata(entries, 'metadata', problems)].filter(isGiven)
  const unknown = givenOf([...forbidden(body), ...Object.entries(others)])
  const metadata = Object.fromEntries([...unknown, ...givenOf(Object.entries(given))])
  checkKeyCount(Object.keys(metadata).length, 'metadata', problems)
  return metadata
}

/** Rejects blank values: they neither clear nor override a value given elsewhere. */
function isGiven(entry: [string, MetadataValue | undefined]): entry is [string, MetadataValue] {
  return entry[1] !== undefined
}

/**
 * Finds forbidden keys: `__proto__` begins with an underscore but is an attack, and so is a control field that contains
 * such a key.
 */
function forbidden(body: Body): [string, unknown][] {
  const controls = Object.entries(body).filter(([key]) => key.startsWith('_'))
  const within = controls.flatMap(([, value]) => forbiddenWithin(value))
  return [...controls.filter(([key]) => forbiddenKeys.has(key)), ...within]
}

function forbiddenWithin(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]) => [
    ...(forbiddenKeys.has(key) ? [[key, child] satisfies [string, unknown]] : []),
    ...forbiddenWithin(child),
  ])
}

function pick(body: Body, wants: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([key]) => wants(key)))
}
