import type { SourceKind } from '../generated/prisma/enums.ts'
import { type FieldProblem, invalidRequest } from '../platform/errors.ts'
import { isStorableText } from '../platform/text/storable-text.ts'
import { isLongerThan } from '../platform/text/text-length.ts'
import { toVisibleLine } from '../platform/text/visible-text.ts'
import { checkMapping, type MappingRule } from './mapping/rules.ts'

/** Fields that the caller may set on a source; undefined fields stay unchanged. */
export interface SourceInput {
  readonly name?: string
  readonly kind?: SourceKind
  /** Secret that the tool signs with; null: its requests are accepted unverified. */
  readonly secret?: string | null
  /** For GENERIC: name of the header that has the secret or the signature. */
  readonly header?: string | null
  readonly mapping?: readonly MappingRule[]
}

export interface SourceChange extends SourceInput {
  readonly enabled?: boolean
  /** Hours for which a replaced secret stays valid. */
  readonly overlapHours?: number
}

/** Field names as the API in use (GraphQL or REST) spells them, for its messages. */
export interface FieldNames {
  readonly overlapHours: string
}

export const defaultOverlapHours = 24
const maxOverlapHours = 168
/** As long as a contact's source, which is the name of its first source. */
const maxNameLength = 200
const maxSecretLength = 256

/** Returns the input with its name as one line. */
export function trimName<Input extends SourceInput>(input: Input): Input {
  return input.name === undefined ? input : { ...input, name: toVisibleLine(input.name) }
}

/** @throws AppError `invalid_request` that names every wrong field */
export function checkSourceInput(input: SourceChange, names: FieldNames): void {
  const problems: FieldProblem[] = [
    ...nameProblems(input.name),
    ...secretProblems(input.secret),
    ...headerProblems(input.header),
    ...mappingProblems(input.mapping),
    ...overlapProblems(input.overlapHours, names),
  ]
  if (problems.length > 0) throw invalidRequest(problems)
}

/** @throws AppError `invalid_request` */
export function checkOverlapHours(overlapHours: number, names: FieldNames): void {
  const problems = overlapProblems(overlapHours, names)
  if (problems.length > 0) throw invalidRequest(problems)
}

function nameProblems(name: string | undefined): FieldProblem[] {
  if (name === undefined) return []
  if (name === '') return [{ path: 'name', message: 'a name is expected' }]
  if (isLongerThan(name, maxNameLength))
    return [{ path: 'name', message: `at most ${maxNameLength} characters are allowed`, kind: 'too_long' }]
  return isStorableText(name) ? [] : [{ path: 'name', message: 'text without U+0000 is expected' }]
}

/** Tools generate secrets of many lengths, and some let their user choose one: any printable text is accepted. */
function secretProblems(secret: string | null | undefined): FieldProblem[] {
  if (secret == null) return []
  const problem = { path: 'secret', message: `1 to ${maxSecretLength} printable characters are expected` }
  if (isLongerThan(secret, maxSecretLength)) return [{ ...problem, kind: 'too_long' }]
  return /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u.test(secret) ? [] : [problem]
}

/** A name as RFC 9110 defines it. */
function headerProblems(header: string | null | undefined): FieldProblem[] {
  if (header == null || /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(header)) return []
  return [{ path: 'header', message: 'the name of an HTTP header is expected' }]
}

function mappingProblems(mapping: readonly MappingRule[] | undefined): FieldProblem[] {
  return checkMapping(mapping ?? []).map(({ path, message }) => ({ path: path.join('.'), message }))
}

function overlapProblems(overlapHours: number | undefined, { overlapHours: path }: FieldNames): FieldProblem[] {
  if (overlapHours === undefined || isWholeNumberTo(overlapHours, maxOverlapHours)) return []
  return [{ path, message: `a whole number from 0 to ${maxOverlapHours} is expected` }]
}

function isWholeNumberTo(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max
}
