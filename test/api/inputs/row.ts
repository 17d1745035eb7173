import type { ErrorCode } from '../../../src/platform/errors.ts'
import type { Sent } from '../../support/http-client.ts'
import { adminKey } from '../../support/http-parts.ts'

/** What stands in every input, and may stand in no refusal and no log line. */
export const canary = 'canary'
export const email = `${canary}@example.com`
export const canaryKey = `${canary}-key-0123456789`

/** The ADMIN keys of the two workspaces that there are: the default one and `acme`. */
export const keys = { default: adminKey, acme: 'acme-admin-key-0123456789-0123456789' }

/** What is sent: a request, or bytes as they are, in as many pieces. */
export type Input = Sent | { readonly raw: readonly (string | Buffer)[] }

export type Expected =
  | Refused
  | Taken
  | { readonly kind: 'page'; readonly status: number; readonly title: string; readonly says: readonly string[] }
  | { readonly kind: 'sent_on'; readonly location: string }

interface Refused {
  readonly kind: 'refused'
  readonly status: number
  readonly code: ErrorCode
  readonly message: string
  /** With 422 and never else. */
  readonly fields?: readonly FieldMessage[]
  readonly allow?: string
}

/** A 201: what it answers, and what is stored of it. */
interface Taken {
  readonly kind: 'taken'
  readonly answer: Answer
  readonly status: 'ACCEPTED' | 'HELD' | 'SPAM'
  readonly metadata: Readonly<Record<string, unknown>>
  readonly workspace: keyof typeof keys
}

interface Answer {
  readonly email: string
  readonly first_name: string | null
  readonly last_name: string | null
  readonly source: string | null
  readonly stage: string
}

type FieldMessage = readonly [path: string, message: string]

export type Row = readonly [name: string, input: Input, expected: Expected]

export function refused(status: number, code: ErrorCode, message: string): Refused {
  return { kind: 'refused', status, code, message }
}

export function wrongFields(...fields: readonly FieldMessage[]): Refused {
  return { ...refused(422, 'invalid_request', 'Some fields are invalid.'), fields }
}

/** What was sent comes back, and nulls where nothing was. */
export function taken(
  answer: Partial<Answer> = {},
  stored: Partial<Pick<Taken, 'status' | 'metadata' | 'workspace'>> = {},
): Taken {
  const receipt = { email, first_name: null, last_name: null, source: null, stage: 'lead' }
  const kept = { status: 'ACCEPTED', metadata: {}, workspace: 'default' } as const
  return { kind: 'taken', answer: { ...receipt, ...answer }, ...kept, ...stored }
}

/** A thank-you page, whatever became of what was sent. */
export const thanks: Expected = { kind: 'page', status: 200, title: 'Thank you – default', says: [] }

export const notJson = refused(400, 'invalid_json', 'The body is not valid JSON.')
export const notText = refused(
  400,
  'invalid_encoding',
  'Text must be UTF-8 without U+0000 and without lone surrogates.',
)
export const tooDeep = refused(400, 'too_deep', 'The body is nested deeper than 16 levels.')
export const tooLarge = refused(413, 'body_too_large', 'The body may have at most 64 KiB.')
export const unknownType = refused(
  415,
  'unsupported_media_type',
  'A Content-Type is expected that is one of: ' +
    'application/json, application/x-www-form-urlencoded, multipart/form-data, text/plain.',
)
/** What Fastify itself cannot parse. */
export const noType = refused(415, 'unsupported_media_type', 'This Content-Type is not taken here.')
export const notInUtf8 = refused(415, 'unsupported_media_type', 'A body in UTF-8 is expected.')
export const encoded = refused(415, 'unsupported_encoding', 'A body without Content-Encoding is expected.')

export const noObject = wrongFields(['', 'an object is expected'])
export const emailIsMissing: FieldMessage = ['email', 'is required']
export const emailIsNone: FieldMessage = ['email', 'must be one e-mail address']
export const keyIsNone: FieldMessage = [
  'metadata',
  'a key must be a letter followed by up to 63 letters, digits, _, . or -',
]
export const once = (path: string): FieldMessage => [path, 'may be given once']
export const noString = (path: string): FieldMessage => [path, 'a string is expected']
export const noValue = (path: string): FieldMessage => [path, 'must be a string, number or boolean']
export const tooLong = (path: string, most: number): FieldMessage => [path, `at most ${most} characters are allowed`]

/** A JSON body as it is. */
export function json(body: string | Buffer, headers: Sent['headers'] = {}): Input {
  return { headers: { 'content-type': 'application/json', ...headers }, body }
}

/** A JSON body with an e-mail and these fields. */
export function lead(fields: Readonly<Record<string, unknown>>, headers: Sent['headers'] = {}): Input {
  return json(JSON.stringify({ email, ...fields }), headers)
}

export function many(count: number, value: unknown = 1): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: count }, (_, nth) => [`k${nth}`, value]))
}
