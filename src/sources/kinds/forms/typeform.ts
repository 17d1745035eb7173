import type { JsonObject, JsonValue, Payload } from '../../payload.ts'
import { isJsonObject } from '../../payload.ts'
import { hmac } from '../../verify/hmac.ts'
import {
  answerOf,
  answersOfEntries,
  assignedField,
  firstText,
  isBlank,
  listAt,
  objectAt,
  type PathPart,
  textAt,
  valueAt,
} from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'

/** Fields that Typeform's types and the parts of a contact block assign. */
const fieldsByType: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  phone_number: 'phone',
  first_name: 'first_name',
  last_name: 'last_name',
  company: 'company',
}

export const typeform: Kind = {
  name: 'TYPEFORM',
  title: 'Typeform',
  recognizes,
  read,
  repeatId: ({ body }) => textAt(body, 'form_response', 'token'),
  verification: hmac({ header: 'typeform-signature', algorithm: 'sha256', encoding: 'base64', prefix: 'sha256=' }),
  setup: [
    'Open the form, go to **Connect**, then **Webhooks**, and choose **Add a webhook**.',
    'Paste the URL of the source as the endpoint and save it. To verify requests, choose **Edit**, enter a **Secret**, and set the same secret on the source.',
    'Turn the webhook on, then choose **View deliveries** and **Send test request**.',
  ],
  events: '`form_response` becomes a lead; other event types, such as partial responses, are ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  return objectAt(body, 'form_response') !== undefined
}

function read({ body }: Payload): KindReading {
  const event = textAt(body, 'event_type') ?? 'form_response'
  if (event !== 'form_response') return { outcome: 'ignored', event }
  const response = objectAt(body, 'form_response')
  const questions = questionsById(listAt(response, 'definition', 'fields'))
  return {
    outcome: 'lead',
    answers: [
      ...listAt(response, 'answers').flatMap((answer, index) => readAnswer(answer, index, questions)),
      ...answersOfEntries(objectAt(response, 'hidden'), ['form_response', 'hidden']),
      ...listAt(response, 'variables').flatMap(readVariable),
      ...answerOf(
        ['form_response', 'definition', 'title'],
        'form_name',
        textAt(response, 'definition', 'title'),
        'metadata',
      ),
    ],
  }
}

/** Returns the questions by id and ref. Those of a contact or question group stand within it. */
function questionsById(fields: readonly JsonValue[], depth = 0): Map<string, JsonObject> {
  const questions = new Map<string, JsonObject>()
  for (const field of fields) {
    if (!isJsonObject(field)) continue
    for (const name of ['id', 'ref']) {
      const id = textAt(field, name)
      if (id !== undefined) questions.set(id, field)
    }
    if (depth > 3) continue
    for (const [id, inner] of questionsById(listAt(field, 'properties', 'fields'), depth + 1)) questions.set(id, inner)
  }
  return questions
}

function readAnswer(answer: JsonValue, index: number, questions: ReadonlyMap<string, JsonObject>): Answer[] {
  const [id, ref] = [textAt(answer, 'field', 'id'), textAt(answer, 'field', 'ref')]
  const question = questions.get(id ?? '') ?? questions.get(ref ?? '')
  const [parts, value] = answerValue(answer)
  const part = textAt(question, 'subfield_key') ?? textAt(answer, 'field', 'subfield_key') ?? valueType(answer)
  const label = textAt(question, 'title') ?? ref ?? id ?? `answer ${index + 1}`
  return answerOf(['form_response', 'answers', index, ...parts], label, value, assignedField(fieldsByType, part))
}

/** Types of answers, for one that has lost its own. */
const valueTypes = 'text email phone_number number boolean date url file_url choice choices payment'.split(' ')

/** Keys of a value that is an object, such as `{choice: {id, label}}`. */
const valueNames = ['label', 'labels', 'other', 'amount', 'url', 'value']

/** Returns the value of an answer and where it stands. The value's key is the answer's type: `{type: 'text', text}`. */
function answerValue(answer: JsonValue): [readonly PathPart[], JsonValue | undefined] {
  const type = valueType(answer)
  const value = valueAt(answer, type)
  if (!isJsonObject(value)) return [[type], value]
  const name = valueNames.find((key) => !isBlank(valueAt(value, key)))
  if (name === undefined) return [[type], undefined]
  const other = name === 'labels' ? textAt(value, 'other') : undefined
  return [[type, name], other === undefined ? valueAt(value, name) : [...listAt(value, name), other]]
}

/** Returns the key of an answer's value. */
function valueType(answer: JsonValue): string {
  const type = textAt(answer, 'type') ?? ''
  if (valueAt(answer, type) !== undefined || !isJsonObject(answer)) return type
  return valueTypes.find((key) => Object.hasOwn(answer, key)) ?? type
}

function readVariable(variable: JsonValue, index: number): Answer[] {
  const name = ['text', 'number'].find((key) => valueAt(variable, key) !== undefined)
  const label = firstText(variable, ['key'])
  if (name === undefined || label === undefined) return []
  return answerOf(['form_response', 'variables', index, name], label, valueAt(variable, name), 'metadata')
}
