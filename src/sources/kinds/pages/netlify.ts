import type { JsonObject, JsonValue, Payload } from '../../payload.ts'
import { isJsonObject } from '../../payload.ts'
import { signedDigest } from '../../verify/signed-digest.ts'
import { answerOf, answersOfEntry, listAt, objectAt, type PathPart, textAt, valueAt } from '../answers.ts'
import type { Answer, Kind, KindReading } from '../kind.ts'

/** Values that Netlify adds to the data of the form. */
const visitKeys = new Set(['ip', 'user_agent', 'form-name', 'bot-field'])

/** Values that Netlify itself takes out of the form's data. */
const derivedKeys = ['email', 'first_name', 'last_name', 'name', 'company']

export const netlify: Kind = {
  name: 'NETLIFY',
  title: 'Netlify Forms',
  recognizes,
  read,
  repeatId: ({ body }) => textAt(submissionOf(body).submission, 'id'),
  verification: signedDigest({ header: 'x-webhook-signature', claim: 'sha256' }),
  setup: [
    "Open the project's configuration in Netlify and go to **Notifications**, **Emails and webhooks**, **Form submission notifications**.",
    'Choose **Add notification**, then **HTTP POST request**, with the event **New form submission**, and paste the URL of the source.',
    'To verify requests, enter a **JWS secret token** there and set the same secret on the source. Save, then submit the form once.',
  ],
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const { submission } = submissionOf(body)
  const hasForm = ['form_id', 'form_name'].some((key) => textAt(submission, key) !== undefined)
  const hasFields = ['human_fields', 'ordered_human_fields'].some((key) => valueAt(submission, key) !== undefined)
  return (
    hasForm &&
    (hasFields || (isJsonObject(valueAt(submission, 'data')) && textAt(submission, 'site_url') !== undefined))
  )
}

/** Returns the submission, which functions of Netlify wrap in `payload`. */
function submissionOf(body: JsonObject): { readonly base: readonly string[]; readonly submission: JsonObject } {
  const payload = objectAt(body, 'payload')
  return payload === undefined ? { base: [], submission: body } : { base: ['payload'], submission: payload }
}

function read({ body }: Payload): KindReading {
  const { base, submission } = submissionOf(body)
  const data = objectAt(submission, 'data') ?? {}
  return {
    outcome: 'lead',
    answers: [
      ...readData(data, base, titlesByName(listAt(submission, 'ordered_human_fields'))),
      ...derivedKeys
        .filter((key) => valueAt(data, key) === undefined)
        .flatMap((key) => answerOf([...base, key], key, textAt(submission, key))),
      ...answerOf([...base, 'form_name'], 'form_name', textAt(submission, 'form_name'), 'metadata'),
    ],
  }
}

function readData(data: JsonObject, base: readonly PathPart[], titles: ReadonlyMap<string, string>): Answer[] {
  return Object.entries(data).flatMap(([key, value]) => {
    const title = titles.get(key)
    if (visitKeys.has(key)) return []
    if (title === undefined || isJsonObject(value)) return answersOfEntry([...base, 'data'], key, value)
    return answerOf([...base, 'data', key], title, value)
  })
}

function titlesByName(fields: readonly JsonValue[]): ReadonlyMap<string, string> {
  return new Map(
    fields.flatMap((field): (readonly [string, string])[] => {
      const [name, title] = [textAt(field, 'name'), textAt(field, 'title')]
      return name === undefined || title === undefined ? [] : [[name, title]]
    }),
  )
}
