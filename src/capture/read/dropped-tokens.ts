import { isObject } from '../../contacts/field-checks.ts'

/**
 * Matches fields that protect the form itself: tokens of captchas and against forged requests. They say nothing about
 * the person, are long, and some are secrets of a session.
 */
const droppedPattern =
  /^(?:(?:g-recaptcha|h-captcha|cf-turnstile)-response|csrf|authenticity_token$|_wpnonce$|__RequestVerificationToken$)/i

/** Returns whether a field holds such a token; it is neither checked nor stored. */
export function isDroppedToken(name: string): boolean {
  return droppedPattern.test(name)
}

/** Removes tokens at every level of a body. */
export function withoutTokens(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(body).filter(([name]) => !isDroppedToken(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutTokensWithin(value)]))
}

function withoutTokensWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTokensWithin)
  return isObject(value) ? withoutTokens(value) : value
}
