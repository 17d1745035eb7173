import type { JsonObject, JsonValue, Payload } from '../../payload.ts'
import { isJsonObject } from '../../payload.ts'
import { answerOf, answersOfEntry, objectAt, type PathPart, textAt, unwrapped, valueAt } from '../answers.ts'
import type { Answer, Kind, KindReading } from '../kind.ts'

/** Entries about the page, which stand beside and within the form's data. */
const pageKeys = new Set(
  'page_id page_uuid page_url page_name variant ip_address time_submitted date_submitted data data.json data.xml'.split(
    ' ',
  ),
)

export const unbounce: Kind = {
  name: 'UNBOUNCE',
  title: 'Unbounce',
  recognizes,
  read,
  setup: [
    "Open the page's overview, go to **Integrations**, and choose **Webhooks**, then **POST Form to URL**.",
    'Paste the URL of the source and leave the names of the fields as they are.',
    'Save, publish the page, and submit the form once.',
  ],
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const hasPage = ['page_id', 'page_name', 'variant'].every((key) => valueAt(body, key) !== undefined)
  return hasPage || (textAt(body, 'page_id') !== undefined && dataOf(body) !== undefined)
}

/** Returns the form's data of a form-encoded request: `data.json`, which the decoder nests and opens. */
function dataOf(body: JsonObject): { readonly base: readonly PathPart[]; readonly data: JsonObject } | undefined {
  for (const base of [['data.json'], ['data', 'json']]) {
    const data = objectAt(body, ...base)
    if (data !== undefined) return { base, data }
  }
  return undefined
}

function read({ body }: Payload): KindReading {
  const { base, data } = dataOf(body) ?? { base: [], data: body }
  return {
    outcome: 'lead',
    answers: [
      ...Object.entries(data).flatMap(([key, value]) => (pageKeys.has(key) ? [] : readEntry([...base, key], value))),
      ...['page_name', 'page_url', 'variant'].flatMap((key) => answerOf([key], key, textAt(body, key), 'metadata')),
    ],
  }
}

/** Reads an entry, whose value Unbounce wraps in a list. */
function readEntry(parts: readonly PathPart[], value: JsonValue): Answer[] {
  const key = String(parts.at(-1))
  if (isJsonObject(value)) return answersOfEntry(parts.slice(0, -1), key, value)
  return answerOf(...unwrappedAnswer(parts, key, value))
}

function unwrappedAnswer(parts: readonly PathPart[], key: string, value: JsonValue) {
  const [place, single] = unwrapped(parts, value)
  return [place, key, single] as const
}
