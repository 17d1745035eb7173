import type { z } from 'zod'
import { AppError, type FieldProblem } from '../../../platform/errors.ts'
import { builder } from '../../schema/builder.ts'

const codes = [
  'INVALID',
  'REQUIRED',
  'TOO_LONG',
  'TAKEN',
  'NOT_FOUND',
  'CONFLICT',
  'LIMIT_REACHED',
  'UNSAFE_URL',
] as const
type UserErrorCode = (typeof codes)[number]

interface FieldIssue {
  readonly path: string[]
  readonly code: UserErrorCode
  readonly message: string
}

/** An expected failure: a member of a mutation's result, not a top-level error. */
class ExpectedError extends Error {
  readonly code: UserErrorCode
  /** The part of the input that caused the error. */
  readonly path: string[] | null

  constructor(code: UserErrorCode, message: string, path: string[] | null = null) {
    super(message)
    this.code = code
    this.path = path
  }
}

export class ValidationFailure extends ExpectedError {
  readonly issues: FieldIssue[]

  constructor(message: string, issues: FieldIssue[]) {
    super('INVALID', message, issues.length === 1 ? (issues[0]?.path ?? null) : null)
    this.issues = issues
  }
}

export class NotFoundFailure extends ExpectedError {
  constructor(argument = 'id') {
    super('NOT_FOUND', 'Nothing exists with this id.', [argument])
  }
}

export class TakenFailure extends ExpectedError {}

export class ConflictFailure extends ExpectedError {}

export class UnsafeUrlFailure extends ExpectedError {}

export class LimitReachedFailure extends ExpectedError {
  readonly limit: number

  constructor(message: string, limit: number) {
    super('LIMIT_REACHED', message)
    this.limit = limit
  }
}

/** Runs domain code and converts its expected errors to members of results; `idOf` is the path of an id not found. */
export async function expectingFailures<Result>(work: () => Promise<Result>, idOf?: string): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof AppError ? toExpectedError(error, idOf) : error
  }
}

/** Does the same for work whose only conflict is an exceeded limit. */
export function withLimit<Result>(limit: number, work: () => Promise<Result>, idOf?: string): Promise<Result> {
  return expectingFailures(work, idOf).catch((error: unknown) => {
    throw error instanceof ConflictFailure ? new LimitReachedFailure(error.message, limit) : error
  })
}

/** Validates an input with its schema. @throws ValidationFailure that names every wrong field */
export function validated<Input, Output>(schema: z.ZodType<Output, Input>, input: Input): Output {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw new ValidationFailure('Some fields are invalid.', parsed.error.issues.map(issueOfSchema))
}

function issueOfSchema({ path, message, code }: z.core.$ZodIssue): FieldIssue {
  return { path: path.map(String), message, code: code === 'too_big' ? 'TOO_LONG' : 'INVALID' }
}

function toExpectedError(error: AppError, idOf?: string): Error {
  const { code, message, fields = [] } = error
  if (code === 'invalid_request') return new ValidationFailure(message, fields.map(issueOf))
  if (code === 'conflict') return new ConflictFailure('CONFLICT', message)
  if (code === 'unsafe_url') return new UnsafeUrlFailure('UNSAFE_URL', message, ['url'])
  return code === 'not_found' ? new NotFoundFailure(idOf) : error
}

const issueCodes = { required: 'REQUIRED', too_long: 'TOO_LONG' } as const

function issueOf({ path, message, kind }: FieldProblem): FieldIssue {
  return { path: path === '' ? [] : path.split('.'), message, code: kind === undefined ? 'INVALID' : issueCodes[kind] }
}

export const UserErrorCodeRef = builder.enumType('UserErrorCode', { values: codes })

const UserError = builder.interfaceRef<ExpectedError>('UserError').implement({
  description: 'Expected failures are data; bugs, authentication and limits are top-level errors with extensions.code.',
  fields: (t) => ({
    message: t.exposeString('message'),
    code: t.expose('code', { type: UserErrorCodeRef }),
    path: t.exposeStringList('path', { nullable: true }),
  }),
})

const FieldIssueRef = builder.objectRef<FieldIssue>('FieldIssue').implement({
  fields: (t) => ({
    path: t.exposeStringList('path'),
    code: t.expose('code', { type: UserErrorCodeRef }),
    message: t.exposeString('message'),
  }),
})

builder.objectType(ValidationFailure, {
  name: 'ValidationError',
  interfaces: [UserError],
  fields: (t) => ({ issues: t.expose('issues', { type: [FieldIssueRef] }) }),
})

builder.objectType(NotFoundFailure, { name: 'NotFoundError', interfaces: [UserError] })
builder.objectType(ConflictFailure, { name: 'ConflictError', interfaces: [UserError] })
builder.objectType(TakenFailure, { name: 'TakenError', interfaces: [UserError] })
builder.objectType(UnsafeUrlFailure, { name: 'UnsafeUrlError', interfaces: [UserError] })

builder.objectType(LimitReachedFailure, {
  name: 'LimitReachedError',
  interfaces: [UserError],
  fields: (t) => ({ limit: t.exposeInt('limit') }),
})
