import { isObject } from '../../contacts/field-checks.ts'
import { allSegmentsOf } from './posted-values.ts'

/**
 * Matches fields that protect the form itself: tokens of captchas and against forged requests. They say nothing about
 * the person, are long, and some are secrets of a session.
 */
const droppedPattern =
  /^(?:(?:g-recaptcha|h-captcha|cf-turnstile)-response|csrf|authenticity_token$|_wpnonce$|__RequestVerificationToken$)/i

/** Returns whether a field holds such a token, also one inside brackets; it is not stored. */
export function isDroppedToken(name: string): boolean {
  return allSegmentsOf(name).some((segment) => droppedPattern.test(segment))
}

/** Returns whether a field, named by itself or by the first of its brackets, steers the request and is never stored. */
export function isControl(name: string): boolean {
  return name.startsWith('_')
}

/** Removes what is never stored: tokens at every level, and control fields below the first, where they steer nothing. */
export function withoutDroppedFields(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(body).filter(
    ([name]) => !isDroppedToken(name) && !allSegmentsOf(name).slice(1).some(isControl),
  )
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutDroppedWithin(value)]))
}

function withoutDroppedWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDroppedWithin)
  return isObject(value) ? withoutDroppedFields(pick(value, (name) => !isControl(name))) : value
}

/** Returns the fields with these names. */
export function pick(
  fields: Readonly<Record<string, unknown>>,
  wants: (name: string) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => wants(name)))
}
