import { entriesOf, type JsonObject, type JsonValue, type Payload } from '../../payload.ts'
import { answerOf, answersOfPairs, firstText, listAt, objectAt, type PathPart, textAt, valueAt } from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'

/** Fields that Wix itself assigns in the contact of the visitor. The first automations have flat keys with dots. */
const contactFields: readonly (readonly [readonly PathPart[], AnswerField])[] = [
  [['contact.Name.First'], 'first_name'],
  [['contact.Name.Last'], 'last_name'],
  [['contact.Email[0]'], 'email'],
  [['contact.Phone[0]'], 'phone'],
  [['contact.Company'], 'company'],
  [['contact', 'Name', 'First'], 'first_name'],
  [['contact', 'Name', 'Last'], 'last_name'],
  [['contact', 'Email', 0], 'email'],
  [['contact', 'Phone', 0], 'phone'],
  [['contact', 'name', 'first'], 'first_name'],
  [['contact', 'name', 'last'], 'last_name'],
  [['contact', 'email'], 'email'],
  [['contact', 'emails', 0, 'email'], 'email'],
  [['contact', 'phone'], 'phone'],
  [['contact', 'phones', 0, 'phone'], 'phone'],
  [['contact', 'company'], 'company'],
]

/** Pairs of the new forms, and of the old ones. */
const pairNames = { label: ['label', 'fieldTitle', 'title', 'key'], value: ['value', 'fieldInputValue', 'fieldValue'] }

export const wix: Kind = {
  name: 'WIX',
  title: 'Wix',
  recognizes,
  read,
  repeatId: ({ body }) => firstText(dataOf(body).data, ['submissionId', 'submission_id']),
  setup: [
    "In the site's dashboard go to **Automations** and make a new one with the trigger **Form submitted** of Wix Forms.",
    'Add the action **Send HTTP request**, choose **POST**, and paste the URL of the source as the target URL.',
    'Choose to send the entire payload, activate the automation, then submit the form once.',
  ],
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const { data } = dataOf(body)
  if (data === undefined) return false
  const hasFields = entriesOf(data).some(([key]) => key.startsWith('field:') || key.startsWith('contact.'))
  const hasPairs = Array.isArray(valueAt(data, 'submissions'))
  const isWix = ['formName', 'form-name', 'contactId', 'submissionTime'].some((key) => textAt(data, key) !== undefined)
  return (isWix && (hasFields || hasPairs)) || textAt(data, 'context', 'metaSiteId') !== undefined
}

function dataOf(body: JsonObject): { readonly base: readonly string[]; readonly data: JsonObject | undefined } {
  const data = objectAt(body, 'data')
  return data === undefined ? { base: [], data: body } : { base: ['data'], data }
}

function read({ body }: Payload): KindReading {
  const { base, data } = dataOf(body)
  const contact = readContact(data, base)
  const pairs = answersOfPairs(listAt(data, 'submissions'), [...base, 'submissions'], pairNames)
  const known = new Set([...contact, ...pairs].map(({ value }) => value))
  return {
    outcome: 'lead',
    answers: [
      ...contact,
      ...pairs,
      ...readFields(data, base, known),
      ...answerOf([...base, 'formName'], 'form_name', textAt(data, 'formName'), 'metadata'),
    ],
  }
}

function readContact(data: JsonObject | undefined, base: readonly string[]): Answer[] {
  const seen = new Set<AnswerField>()
  return contactFields.flatMap(([parts, field]) => {
    const value = textAt(data, ...parts)
    if (value === undefined || seen.has(field)) return []
    seen.add(field)
    return answerOf([...base, ...parts], field, value, field)
  })
}

/** Reads `field:NAME` keys. One named after its component only is left out when its value is known already. */
function readFields(data: JsonObject | undefined, base: readonly string[], known: ReadonlySet<JsonValue>): Answer[] {
  return Object.entries(data ?? {}).flatMap(([key, value]) => {
    if (!key.startsWith('field:') || (key.startsWith('field:comp-') && known.has(value))) return []
    return answerOf([...base, key], fieldLabel(key), value)
  })
}

/** Wix ends the names of fields in four random hexadecimal digits: `field:phone_c3d4` is `phone`. */
function fieldLabel(key: string): string {
  return key.slice('field:'.length).replace(/_(?=[a-f]{0,3}\d)[0-9a-f]{4}$/, '')
}
