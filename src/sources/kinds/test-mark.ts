import type { JsonObject } from '../payload.ts'

/** Returns whether a payload says that it is a test: `is_test`, which Google Ads sends and relays pass on. */
export function isMarkedAsTest(body: JsonObject): boolean {
  const mark = Object.hasOwn(body, 'is_test') ? body['is_test'] : undefined
  return mark === true || mark === 1 || (typeof mark === 'string' && /^(true|1)$/i.test(mark))
}
