import type { JsonObject, JsonValue, Payload } from '../../payload.ts'
import { isJsonObject } from '../../payload.ts'
import {
  answerOf,
  answersOfEntries,
  assignedField,
  firstText,
  isBlank,
  itemsOf,
  type PathPart,
  textAt,
  valueAt,
} from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'

const fieldsByType: Readonly<Record<string, AnswerField>> = { email: 'email', tel: 'phone' }

/** Types of fields that no person answers. */
const technicalTypes = new Set('step html recaptcha recaptcha_v3 honeypot password'.split(' '))

/** Entries that Elementor adds after those of the form, when the labels are the keys. */
const addedKeys = new Set('Date,Time,User Agent,Remote IP,Powered by,form_id,form_name,Page URL'.split(','))

export const elementor: Kind = {
  name: 'ELEMENTOR',
  title: 'Elementor Pro',
  recognizes: ({ body }) => isAdvanced(body) || isSimple(body),
  read,
  setup: [
    'Edit the form widget, open **Actions After Submit**, and add **Webhook**.',
    'Open the section **Webhook**, paste the URL of the source, and turn **Advanced Data** on, so that the types of the fields are sent too.',
    'Update the page, then submit the form once.',
  ],
  evidence: 'shape',
}

function isAdvanced(body: JsonObject): boolean {
  const items = itemsOf(valueAt(body, 'fields'))
  const hasForm = ['id', 'name'].some((key) => textAt(body, 'form', key) !== undefined)
  return hasForm && items.some(([, item]) => ['raw_value', 'title'].some((key) => valueAt(item, key) !== undefined))
}

/** Elementor's ids of forms are seven hexadecimal digits. The credit line is there unless the user removed it. */
function isSimple(body: JsonObject): boolean {
  const [id, name] = [textAt(body, 'form_id'), textAt(body, 'form_name')]
  if (id === undefined || name === undefined) return false
  return /^[0-9a-f]{7}$/.test(id) || Object.values(body).includes('Elementor')
}

function read({ body }: Payload): KindReading {
  return { outcome: 'lead', answers: isAdvanced(body) ? readAdvanced(body) : readSimple(body) }
}

function readAdvanced(body: JsonObject): Answer[] {
  return [
    ...itemsOf(valueAt(body, 'fields')).flatMap(([key, item]) => readField(['fields', key], item)),
    ...answerOf(['form', 'name'], 'form_name', textAt(body, 'form', 'name'), 'metadata'),
    ...answerOf(['meta', 'page_url', 'value'], 'page_url', textAt(body, 'meta', 'page_url', 'value'), 'metadata'),
  ]
}

function readField(parts: readonly PathPart[], item: JsonValue): Answer[] {
  const type = textAt(item, 'type') ?? ''
  const key = String(parts.at(-1))
  if (!isJsonObject(item)) return answerOf(parts, key, item)
  if (technicalTypes.has(type)) return []
  const name = ['value', 'raw_value'].find((candidate) => !isBlank(valueAt(item, candidate)))
  if (name === undefined) return []
  const title = firstText(item, ['title', 'id']) ?? key
  // A hidden field's id is the name that its user chose; an id such as field_1a2b3c is Elementor's own.
  const label = type === 'hidden' && !key.startsWith('field_') ? key : title
  return answerOf([...parts, name], label, valueAt(item, name), assignedField(fieldsByType, type))
}

function readSimple(body: JsonObject): Answer[] {
  return [
    ...answersOfEntries(body, [], { except: addedKeys }).filter(({ value }) => value !== 'Elementor'),
    ...answerOf(['form_name'], 'form_name', textAt(body, 'form_name'), 'metadata'),
    ...answerOf(['Page URL'], 'page_url', textAt(body, 'Page URL'), 'metadata'),
  ]
}
