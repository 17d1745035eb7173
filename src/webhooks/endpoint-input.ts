import { eventTypes } from '../events/event-types.ts'
import { AppError, type FieldProblem, invalidRequest } from '../platform/errors.ts'
import { isStorableText } from '../platform/text/storable-text.ts'
import { isLongerThan } from '../platform/text/text-length.ts'

/** Fields that the caller may set on an endpoint; undefined fields stay unchanged. */
export interface EndpointInput {
  readonly url?: string
  readonly events?: readonly string[]
  readonly secret?: string
  readonly description?: string | null
  readonly maxInFlight?: number
}

/** Checks the URL of an endpoint; the address guard of delivery implements it. */
export type CheckUrl = (url: string) => UrlVerdict

type UrlVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'too_long' | 'malformed' | 'unsafe'; readonly reason: string }

const maxDescriptionLength = 500
const maxSecretLength = 256
const subscribable: ReadonlySet<string> = new Set([...eventTypes, '*'])

/** Field names as the API in use (GraphQL or REST) spells them, for its messages. */
export interface FieldNames {
  readonly maxInFlight: string
}

/** Returns the input without the spaces around its URL, which people often paste. */
export function trimUrl<Input extends EndpointInput>(input: Input): Input {
  return input.url === undefined ? input : { ...input, url: input.url.trim() }
}

/** @throws AppError `invalid_request` that names every wrong field; `unsafe_url` if nothing else is wrong */
export function checkEndpointInput(input: EndpointInput, checkUrl: CheckUrl, names: FieldNames): void {
  const verdict = input.url === undefined ? undefined : checkUrl(input.url)
  const problems: FieldProblem[] = [
    ...(verdict === undefined ? [] : urlProblems(verdict)),
    ...eventsProblems(input.events),
    ...secretProblems(input.secret),
    ...descriptionProblems(input.description),
    ...maxInFlightProblems(input.maxInFlight, names.maxInFlight),
  ]
  if (problems.length > 0) throw invalidRequest(problems)
  if (verdict?.kind === 'unsafe')
    throw new AppError('unsafe_url', verdict.reason, { fields: [{ path: 'url', message: verdict.reason }] })
}

/** A URL that is unsafe is an error of its own. */
function urlProblems(verdict: UrlVerdict): FieldProblem[] {
  if (verdict.kind === 'too_long') return [{ path: 'url', message: verdict.reason, kind: 'too_long' }]
  return verdict.kind === 'malformed' ? [{ path: 'url', message: verdict.reason }] : []
}

function eventsProblems(events: readonly string[] | undefined): FieldProblem[] {
  if (events === undefined) return []
  if (events.length === 0) return [{ path: 'events', message: 'at least one type is expected' }]
  if (events.every((type) => subscribable.has(type))) return []
  return [{ path: 'events', message: `types from ${eventTypes.join(', ')}, or *, are expected` }]
}

/** The quantifier counts characters. Spaces at the ends belong to the secret, which is used as it is. */
const secretPattern = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{16,}$/u

function secretProblems(secret: string | undefined): FieldProblem[] {
  if (secret === undefined) return []
  const problem = { path: 'secret', message: `16 to ${maxSecretLength} printable characters are expected` }
  if (isLongerThan(secret, maxSecretLength)) return [{ ...problem, kind: 'too_long' }]
  return secretPattern.test(secret) ? [] : [problem]
}

function descriptionProblems(description: string | null | undefined): FieldProblem[] {
  if (description == null) return []
  if (isLongerThan(description, maxDescriptionLength))
    return [
      { path: 'description', message: `at most ${maxDescriptionLength} characters are allowed`, kind: 'too_long' },
    ]
  if (isStorableText(description)) return []
  return [{ path: 'description', message: 'text without U+0000 is expected' }]
}

function maxInFlightProblems(maxInFlight: number | undefined, path: string): FieldProblem[] {
  if (maxInFlight === undefined || (Number.isInteger(maxInFlight) && maxInFlight >= 1 && maxInFlight <= 100)) return []
  return [{ path, message: 'a whole number from 1 to 100 is expected' }]
}
