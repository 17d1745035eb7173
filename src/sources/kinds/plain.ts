import type { JsonObject, JsonValue, Payload } from '../payload.ts'
import { answerOf, answersOfEntry, type PathPart } from './answers.ts'
import type { Answer, KindReading } from './kind.ts'
import { isMarkedAsTest } from './test-mark.ts'

/** Keys about the visit that no form asks for. */
const visitKeys = new Set('ip ip_address user_agent userAgent'.split(' '))

/** Keys about the page, whose names are no person's. */
const pageKeys = new Set(
  'form_name formName form_title form_id formId page_name pageName page_title page_url page_id variant variation'.split(
    ' ',
  ),
)

/** Recognises nothing, for a tool whose user names every key and whose requests have no header of their own. */
export function hasNoShape(): boolean {
  return false
}

/** Returns whether a header holds a text, in any case. */
export function headerHolds({ headers }: Payload, name: string, text: string): boolean {
  return headers[name]?.toLowerCase().includes(text) === true
}

/** Reads a payload whose keys the user chose: every entry is an answer. */
export function readPlain({ body }: Payload): KindReading {
  return { outcome: isMarkedAsTest(body) ? 'test' : 'lead', answers: plainAnswers(body, []) }
}

/** Returns the entries of a user's own object as answers, those about the form and the page as metadata. */
export function plainAnswers(object: JsonObject | undefined, base: readonly PathPart[]): Answer[] {
  return Object.entries(object ?? {}).flatMap(([key, value]) => {
    if (visitKeys.has(key)) return []
    if (pageKeys.has(key)) return answerOf([...base, key], key, textOf(value), 'metadata')
    return answersOfEntry(base, key, value)
  })
}

function textOf(value: JsonValue): JsonValue | undefined {
  return typeof value === 'object' ? undefined : value
}
