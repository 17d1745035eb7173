import type { JsonObject, JsonValue, Payload } from '../../payload.ts'
import { isJsonObject } from '../../payload.ts'
import { answerOf, type PathPart, textAt, valueAt } from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'
import { readPlain } from '../plain.ts'
import { entryId } from './entry-id.ts'

/** Keys of an entry beside those of its fields. A payload with several of them is an entry. */
const entryKeys = 'date_created date_updated is_starred is_read source_url user_agent currency created_by status'.split(
  ' ',
)

/** Parts of a name by the number of their input, which an address and a group of checkboxes number otherwise. */
const nameInputs: Readonly<Record<string, AnswerField>> = { 3: 'first_name', 6: 'last_name' }

const nameInputNumbers = new Set(['2', '3', '4', '6', '8'])

const inputName = /^(\d{1,6})(?:\.(\d{1,6}))?$/

/** A value of an entry, with the number of its field and of its input: `1.3`. */
interface Input {
  readonly field: string
  readonly input: string | undefined
  readonly parts: readonly PathPart[]
  readonly value: JsonValue
}

export const gravityForms: Kind = {
  name: 'GRAVITY_FORMS',
  title: 'Gravity Forms',
  recognizes,
  read,
  repeatId: ({ body }) => (recognizes({ body, headers: {} }) ? entryId(body, valueAt(body, 'source_url')) : undefined),
  setup: [
    "Install the **Webhooks** add-on, open the form's settings, go to **Webhooks**, and choose **Add New**.",
    'Paste the URL of the source as the **Request URL**, with the method **POST** and the format **JSON**.',
    'Choose **Select Fields** as the **Request Body**, name each field, such as `email` and `first_name`, and save. **All Fields** sends numbers for names: then map them on the source.',
  ],
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  if (textAt(body, 'form_id') === undefined) return false
  const known = entryKeys.filter((key) => Object.hasOwn(body, key))
  return known.length >= 2 && Object.keys(body).some((key) => inputName.test(key))
}

function read(payload: Payload): KindReading {
  const { body } = payload
  if (!recognizes(payload)) return readPlain(payload)
  const inputs = inputsOf(body)
  const nameField = findNameField(inputs)
  return {
    outcome: 'lead',
    answers: [
      ...inputs.flatMap((input) => readInput(input, nameField)),
      ...answerOf(['source_url'], 'page_url', textAt(body, 'source_url'), 'metadata'),
    ],
  }
}

/** Returns the values of fields. A form-encoded entry has its inputs nested: `1.3` is `{1: {3: …}}`. */
function inputsOf(body: JsonObject): Input[] {
  return Object.entries(body).flatMap(([key, value]): Input[] => {
    const [, field, input] = inputName.exec(key) ?? []
    if (field === undefined) return []
    if (!isJsonObject(value)) return [{ field, input, parts: [key], value }]
    return Object.entries(value).map(([inner, child]) => ({ field, input: inner, parts: [key, inner], value: child }))
  })
}

/** Returns the first field with the inputs of a name: 2, 3, 4, 6 and 8. An address has 1 or 5, checkboxes have 1. */
function findNameField(inputs: readonly Input[]): string | undefined {
  const numbers = new Map<string, string[]>()
  for (const { field, input } of inputs) {
    if (input === undefined) continue
    const own = numbers.get(field)
    if (own === undefined) numbers.set(field, [input])
    else own.push(input)
  }
  for (const [field, own] of numbers) {
    const hasName = own.some((input) => Object.hasOwn(nameInputs, input))
    if (hasName && own.every((input) => nameInputNumbers.has(input))) return field
  }
  return undefined
}

function readInput({ field, input, parts, value }: Input, nameField: string | undefined): Answer[] {
  const label = input === undefined ? `field ${field}` : `field ${field} ${input}`
  const namePart = field === nameField && input !== undefined ? (nameInputs[input] ?? 'metadata') : undefined
  return answerOf(parts, label, value, namePart ?? fieldOfValue(value))
}

/** Fields have no names in an entry, so a value that is an address or a phone number alone tells what it is. */
function fieldOfValue(value: JsonValue): AnswerField | undefined {
  if (typeof value !== 'string' || value.length > 254) return undefined
  if (/^[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+$/.test(value.trim())) return 'email'
  return /^(\+\d[\d ().-]{6,18}\d|\(\d{3}\) \d{3}-\d{4})$/.test(value.trim()) ? 'phone' : undefined
}
