import type { JsonObject, JsonValue, Payload } from '../../payload.ts'
import { isJsonObject } from '../../payload.ts'
import {
  answerOf,
  answersOfEntries,
  assignedField,
  isBlank,
  objectAt,
  type PathPart,
  textAt,
  valueAt,
} from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'
import { questionLabels, readPretty } from './jotform-labels.ts'

/** Keys of `rawRequest` that Jotform's own scripts add. Questions are `q3_name`; hidden values may have any name. */
const technicalKeys = new Set(
  (
    'slug jsExecutionTracker submitSource submitDate buildDate uploadServerUrl eventObserver event_id timeToSubmit ' +
    'validatedNewRequiredFieldIDs path simple_spc simple_fpc website preview JWTContainer cardinalOrderNumber formID ' +
    'file_server target_env temp_upload embedUrl documentID teamID stopSubmission coupon draftID visitedPages ' +
    'limitSubmission appID isFirstRun uploadedFiles'
  ).split(' '),
)

export const jotform: Kind = {
  name: 'JOTFORM',
  title: 'Jotform',
  recognizes,
  read,
  repeatId: ({ body }) => textAt(body, 'submissionID'),
  setup: [
    'Open the form in the form builder and go to **Settings**, then **Integrations**.',
    'Search for **WebHooks**, choose it, and paste the URL of the source.',
    'Choose **Complete Integration**, then submit the form once.',
  ],
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const hasIds = valueAt(body, 'formID') !== undefined && valueAt(body, 'submissionID') !== undefined
  return hasIds && ['rawRequest', 'pretty'].some((key) => !isBlank(valueAt(body, key)))
}

function read({ body }: Payload): KindReading {
  const raw = objectAt(body, 'rawRequest')
  const answers = raw === undefined ? readPretty(textAt(body, 'pretty')) : readQuestions(raw, textAt(body, 'pretty'))
  const formName = answerOf(['formTitle'], 'form_name', textAt(body, 'formTitle'), 'metadata')
  return { outcome: 'lead', answers: [...answers, ...formName] }
}

function readQuestions(raw: JsonObject, pretty: string | undefined): Answer[] {
  const entries = Object.entries(raw).filter(([key]) => !technicalKeys.has(key))
  const labels = questionLabels(entries, pretty)
  const personKey = findPersonKey(entries)
  return entries.flatMap(([key, value]) => {
    const parts = ['rawRequest', key]
    const label = labels.get(key) ?? questionName(key)
    if (!isJsonObject(value)) return answerOf(parts, label, value, fieldOfQuestion(key))
    if (isName(value)) return readName(value, parts, label, key === personKey)
    if (isPhone(value)) return readPhone(value, parts, label)
    return answersOfEntries(value, parts).map((answer) => ({
      ...answer,
      label: `${label} ${answer.label}`,
      field: 'metadata',
    }))
  })
}

/** Returns the name of a question without its number: `q4_email` is `email`. */
function questionName(key: string): string {
  return key.replace(/^q\d{1,6}_/, '')
}

/** Jotform names a question of the type e-mail `email`, and the next ones `email7`. */
function fieldOfQuestion(key: string): AnswerField | undefined {
  return /^q\d{1,6}_email\d{0,6}$/.test(key) ? 'email' : undefined
}

function isName(value: JsonObject): boolean {
  const keys = Object.keys(value)
  return keys.some((key) => key === 'first' || key === 'last') && keys.every((key) => nameParts.has(key))
}

const nameParts = new Set(['prefix', 'first', 'middle', 'last', 'suffix'])
const nameFields: Readonly<Record<string, AnswerField>> = { first: 'first_name', last: 'last_name' }

/** Returns the question whose name is the person's: the one called so, else the first one. */
function findPersonKey(entries: readonly (readonly [string, JsonValue])[]): string | undefined {
  const names = entries.filter(([, value]) => isJsonObject(value) && isName(value)).map(([key]) => key)
  return names.find((key) => /^(full|your|contact)?name\d{0,6}$/i.test(questionName(key))) ?? names[0]
}

function readName(value: JsonObject, parts: readonly PathPart[], label: string, isPerson: boolean): Answer[] {
  return Object.entries(value).flatMap(([part, text]) => {
    const field = isPerson ? assignedField(nameFields, part) : undefined
    return answerOf([...parts, part], `${label} ${part}`, text, field ?? 'metadata')
  })
}

function isPhone(value: JsonObject): boolean {
  return valueAt(value, 'full') !== undefined || valueAt(value, 'phone') !== undefined
}

/** Reads a phone number, which is `{full}` with an input mask and `{country, area, phone}` without one. */
function readPhone(value: JsonObject, parts: readonly PathPart[], label: string): Answer[] {
  const full = textAt(value, 'full')
  if (full !== undefined) return answerOf([...parts, 'full'], label, full, 'phone')
  const numbers = ['country', 'area', 'phone'].map((part) => textAt(value, part)).filter((text) => text !== undefined)
  return answerOf([...parts, 'phone'], label, numbers.join(' '), 'phone')
}
