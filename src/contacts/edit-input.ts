import { invalidRequest } from '../platform/errors.ts'
import {
  checkEmail,
  checkKeyCount,
  checkLine,
  checkMetadata,
  checkStage,
  isObject,
  type Problems,
} from './field-checks.ts'
import type { ContactEdit } from './merge.ts'

/** Values that a caller wants to change; problem paths use these names. */
export interface ContactEditInput {
  /** Undefined leaves it unchanged. It cannot be removed. */
  readonly email?: string | null | undefined
  readonly fields?: ContactFieldsInput | null | undefined
}

export interface ContactFieldsInput {
  readonly firstName?: string | null | undefined
  readonly lastName?: string | null | undefined
  readonly source?: string | null | undefined
  readonly stage?: string | null | undefined
  readonly metadata?: unknown
}

/** Reads an edit within the limits of a capture. @throws AppError `invalid_request` that names every wrong field */
export function parseContactEdit(input: ContactEditInput, stages: readonly string[]): ContactEdit {
  const problems: Problems = []
  const email = input.email === undefined ? undefined : checkEmail(input.email, problems)
  const fields = readFields(input.fields ?? {}, stages, problems)
  if (problems.length > 0) throw invalidRequest(problems)
  return { ...(email !== undefined && { email }), ...fields }
}

function readFields(fields: ContactFieldsInput, stages: readonly string[], problems: Problems): ContactEdit {
  const { firstName, lastName, source, metadata } = fields
  const stage = fields.stage === undefined ? undefined : checkStage(fields.stage, stages, 'fields.stage', problems)
  return {
    ...(firstName !== undefined && { firstName: checkLine(firstName, 'fields.firstName', problems) ?? null }),
    ...(lastName !== undefined && { lastName: checkLine(lastName, 'fields.lastName', problems) ?? null }),
    ...(source !== undefined && { source: checkLine(source, 'fields.source', problems) ?? null }),
    ...(stage !== undefined && { stage }),
    ...(metadata !== undefined && { metadata: readMetadata(metadata, problems) }),
  }
}

function readMetadata(metadata: unknown, problems: Problems): NonNullable<ContactEdit['metadata']> | null {
  if (metadata === null) return null
  if (!isObject(metadata)) {
    problems.push({ path: 'fields.metadata', message: 'an object is expected' })
    return null
  }
  const entries = Object.entries(metadata)
  checkKeyCount(entries.length, 'fields.metadata', problems)
  const checked = checkMetadata(entries, 'fields.metadata', problems)
  return Object.fromEntries([...checked].map(([key, value]) => [key, value ?? null]))
}
