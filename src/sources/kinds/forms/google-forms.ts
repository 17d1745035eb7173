import type { JsonValue, Payload } from '../../payload.ts'
import { isJsonObject } from '../../payload.ts'
import { answerOf, answersOfEntry, unwrapped, valueAt } from '../answers.ts'
import type { Answer, Kind, KindReading } from '../kind.ts'
import { headerHolds } from '../plain.ts'

/** Column of the time in a sheet of responses, in the languages of Google Forms that are known here. */
const timestampNames = new Set([
  'Timestamp',
  'timestamp',
  'Zeitstempel',
  'Horodateur',
  'Marca temporal',
  'Carimbo de data/hora',
  'Informazioni cronologiche',
  'Tijdstempel',
])

/** Question that Google adds when a form collects addresses, in the same languages. */
const emailNames = new Set([
  'Email Address',
  'Email address',
  'E-Mail-Adresse',
  'Adresse e-mail',
  'Dirección de correo electrónico',
  'Endereço de e-mail',
  'Indirizzo email',
  'E-mailadres',
])

export const googleForms: Kind = {
  name: 'GOOGLE_FORMS',
  title: 'Google Forms',
  recognizes,
  read,
  setup: [
    "Open the form's sheet of responses, then **Extensions**, **Apps Script**.",
    "Write `function send(e) { UrlFetchApp.fetch('URL of the source', { method: 'post', contentType: 'application/json', payload: JSON.stringify(e.namedValues) }) }` and save it.",
    'Under **Triggers** choose **Add Trigger**: function `send`, event source **From spreadsheet**, event type **On form submit**. Allow it, then submit the form once.',
  ],
  evidence: 'shape',
}

function recognizes(payload: Payload): boolean {
  if (headerHolds(payload, 'user-agent', 'google-apps-script')) return true
  // Most payloads have none, and their entries need not be listed.
  if (![...timestampNames].some((name) => Object.hasOwn(payload.body, name))) return false
  const entries = Object.entries(payload.body)
  return isNamedValues(entries) || entries.some(([name]) => emailNames.has(name))
}

/** Returns whether every value is a list of texts, as in `e.namedValues`. */
function isNamedValues(entries: readonly (readonly [string, JsonValue])[]): boolean {
  return entries.every(
    ([, value]) => Array.isArray(value) && value.every((item: JsonValue) => typeof item === 'string'),
  )
}

function read({ body }: Payload): KindReading {
  const named = valueAt(body, 'namedValues')
  const base = isJsonObject(named) ? ['namedValues'] : []
  const answers = Object.entries(isJsonObject(named) ? named : body).flatMap(([name, value]) =>
    readEntry(base, name, value),
  )
  return { outcome: 'lead', answers }
}

function readEntry(base: readonly string[], name: string, value: JsonValue): Answer[] {
  if (timestampNames.has(name)) return []
  if (isJsonObject(value)) return answersOfEntry(base, name, value)
  const [parts, single] = unwrapped([...base, name], value)
  return answerOf(parts, name, single, emailNames.has(name) ? 'email' : undefined)
}
