import {
  checkEmail,
  checkLine,
  checkStage,
  isBlank,
  isObject,
  noMetadataValue,
  type Problems,
} from '../../contacts/field-checks.ts'
import type { ContactFields } from '../../contacts/merge.ts'
import { forbiddenKeys, keyMessage } from '../../contacts/metadata-keys.ts'
import { invalidRequest } from '../../platform/errors.ts'
import { isControl, pick, withoutDroppedFields } from './dropped-fields.ts'
import { readMetadata } from './metadata.ts'
import { findEmail, findNames, type Labelled, withLabels } from './person.ts'
import { listPostedFields, type PostedField, sortByPlace } from './posted-fields.ts'
import { allSegmentsOf, listPostedValues, type PostedValues } from './posted-values.ts'
import type { QueryFields } from './query-fields.ts'

const knownKeys = new Set(['email', 'first_name', 'last_name', 'source', 'metadata'])
const ignoredPattern = /^(?:id|stage|created_at|workspace.*)$/

/** Checked and normalised body of a capture. */
export interface CaptureInput {
  readonly email: string
  readonly fields: ContactFields
  /**
   * Posted fields as they came, without those that begin with `_` and without tokens of captchas and the like, at every
   * level.
   */
  readonly posted: Readonly<Record<string, unknown>>
  /** Keys of the metadata, where the posted fields have more than a contact takes; parsing them again needs these. */
  readonly keptKeys: readonly string[] | undefined
  /** Fields that begin with `_`: they control this request and are never stored. */
  readonly controls: Readonly<Record<string, unknown>>
}

/** Fields that the caller may set, and what is known of the body besides. */
export interface InputRights {
  /** Empty for a caller who may not set a stage. */
  readonly stages: readonly string[]
  /** Fields of the URL; those of the body win. */
  readonly query?: QueryFields | undefined
  /** Places of a form's fields, in the order in which they came. JSON has the order of the body itself. */
  readonly places?: readonly string[] | undefined
  /** `CaptureInput.keptKeys` of posted fields that were stored. */
  readonly keptKeys?: readonly string[] | undefined
}

type Body = Readonly<Record<string, unknown>>

/** Reads the body of a capture. @throws AppError `invalid_request` that names every wrong field */
export function parseCapture(sent: unknown, rights: InputRights): CaptureInput {
  if (!isObject(sent)) throw invalidRequest([{ path: '', message: 'an object is expected' }])
  const body = withQuery(withoutDroppedFields(sent), rights.query)
  const problems: Problems = hasForbiddenKey(sent) ? [{ path: 'metadata', message: keyMessage }] : []
  const { email, fields, keptKeys } = readFields(body, rights, problems)
  if (email === undefined || problems.length > 0) throw invalidRequest(problems)
  return {
    email,
    fields,
    posted: pick(body, (key) => !isControl(key)),
    keptKeys,
    controls: pick(body, isControl),
  }
}

function readFields(body: Body, { stages, places = [], keptKeys }: InputRights, problems: Problems) {
  checkGiven(body, problems)
  const values = listValues(sortByPlace(unknownFieldsOf(body), places), problems)
  const labelled = withLabels(values.filter(({ isGiven }) => !isGiven))
  const { email, used } = readEmail(body, labelled, problems)
  const names = findNames(labelled, {
    firstName: checkLine(body['first_name'], 'first_name', problems),
    lastName: checkLine(body['last_name'], 'last_name', problems),
  })
  const source = checkLine(body['source'], 'source', problems)
  const stage = readStage(body, stages, problems)
  const taken = new Set([...used, ...names.used])
  const posted = values.filter((item) => !taken.has(item))
  const { metadata, isCut } = readMetadata(posted, problems, keptKeys)
  const fields: ContactFields = {
    ...(names.firstName !== undefined && { firstName: names.firstName }),
    ...(names.lastName !== undefined && { lastName: names.lastName }),
    ...(source !== undefined && { source }),
    ...(stage !== undefined && { stage }),
    metadata,
  }
  return { email, fields, keptKeys: isCut ? Object.keys(metadata) : undefined }
}

/** Reads the e-mail from its own field, or where that is missing from one under another name. */
function readEmail(body: Body, others: readonly Labelled[], problems: Problems) {
  const sent = body['email']
  const found = isMissing(sent) ? findEmail(others) : 'missing'
  if (found === 'missing') return { email: checkEmail(sent, problems), used: [] }
  if (found === 'unclear') return { email: checkEmail(' ', problems), used: [] }
  return { email: found.value, used: found.used }
}

function readStage(body: Body, stages: readonly string[], problems: Problems): string | undefined {
  const stage = body['stage']
  if (stages.length === 0 || stage === undefined || stage === null || stage === '') return undefined
  return checkStage(stage, stages, 'stage', problems)
}

function checkGiven(body: Body, problems: Problems): void {
  if (!isObject(body['metadata'] ?? {})) problems.push({ path: 'metadata', message: 'an object is expected' })
}

function listValues(fields: readonly PostedField[], problems: Problems): PostedValues[] {
  return listPostedValues(fields, (key) => problems.push(noMetadataValue(`metadata.${key}`)))
}

/** Returns `metadata`, and the fields that Rex does not know, which become metadata. */
function unknownFieldsOf(body: Body): PostedField[] {
  const isUnknown = (name: string) => !knownKeys.has(name) && !isControl(name) && !ignoredPattern.test(name)
  return listPostedFields(body).filter(({ name, isGiven }) => isGiven || isUnknown(name))
}

/** Adds the fields of the URL that the body does not have, so that they are stored and read again with it. */
function withQuery(body: Body, query: QueryFields = new Map()): Body {
  if (query.size === 0) return body
  const values = listValues(unknownFieldsOf(body), [])
  const keys = new Set(values.map(({ key }) => key))
  return { ...body, ...Object.fromEntries([...query].filter(([name]) => isMissing(body[name]) && !keys.has(name))) }
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && isBlank(value))
}

/** Returns whether a value has a forbidden key at any level, also in a field that is never read: it is an attack. */
function hasForbiddenKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, child]) => isForbidden(key) || hasForbiddenKey(child))
}

function isForbidden(name: string): boolean {
  return allSegmentsOf(name).some((segment) => forbiddenKeys.has(segment))
}
