import { wordsOf } from '../../platform/text/words.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../payload.ts'
import { isBlank } from '../value-text.ts'
import { labelOf } from './label.ts'

/** Keys of the question, the most readable one first. */
const labelKeys = [
  ...[
    'label',
    'question',
    'title',
    'field_label',
    'fieldLabel',
    'field_name',
    'fieldName',
    'column_name',
    'columnName',
    'heading',
  ],
  ...['field', 'name', 'key', 'question_title', 'prompt', 'ref', 'slug', 'type', 'id'],
]
/** Keys of the answer. `text` comes late: it may be the question of an option. */
const valueKeys = [
  ...['value', 'answer', 'values', 'answers', 'response', 'string_value', 'stringValue', 'field_value', 'fieldValue'],
  ...['raw_value', 'user_value', 'displayValue', 'text'],
]
/** Further keys of a question, which say nothing about the person. */
const noteKeys = new Set([
  ...labelKeys,
  ...valueKeys,
  ...[
    'required',
    'options',
    'placeholder',
    'order',
    'position',
    'versions',
    'index',
    'category',
    'format',
    'uuid',
    'column_id',
  ],
  ...['description', 'help', 'hidden', 'isHidden', 'timestamp', 'source-type', 'uid', 'group', 'valueType'],
  ...['primary', 'tag_data', 'sub_label'],
])
const optionIdKeys = new Set(['id', 'ref', 'value', 'key', 'slug', 'code'])
const optionKeys = new Set([
  'id',
  'ref',
  'label',
  'name',
  'title',
  'text',
  'value',
  'key',
  'color',
  'slug',
  'code',
  'order',
])

/** Question and answer in one object. */
export interface Pair {
  readonly label: string | undefined
  readonly valueKey: string
  readonly value: JsonValue
}

/** Returns whether an object is a question and its answer: `{"label": …, "value": …}`. */
export function isPair(object: JsonObject): boolean {
  const keys = Object.keys(object)
  return keys.length > 1 && keys.every(isNoteKey) && valueKeyOf(object) !== undefined
}

/** Tools name and number a question in several ways: `question_id`, `customKey`, `field_type`. */
function isNoteKey(key: string): boolean {
  return noteKeys.has(key) || /_(?:id|key|type|ref)$|[a-z](?:Id|Key|Type|Ref)$/.test(key)
}

/** Reads an object that `isPair` accepts. */
export function pairOf(object: JsonObject): Pair {
  const valueKey = valueKeyOf(object) ?? 'value'
  const labelKey = labelKeys.find((key) => key !== valueKey && isText(object[key]))
  const label = labelKey === undefined ? undefined : object[labelKey]
  return { label: isText(label) ? String(label) : undefined, valueKey, value: object[valueKey] ?? null }
}

/** Returns whether an object is a chosen option: `{"id": "c1", "label": "Pro"}`, `{"label": "SEO", "value": "seo"}`. */
export function isOption(object: JsonObject): boolean {
  const label = object['label'] ?? object['text'] ?? object['title']
  const isNamed = Object.hasOwn(object, 'name') || !Object.keys(object).some((key) => optionIdKeys.has(key))
  return !isNamed && isOptionOf(object, label)
}

/** Returns whether an item of a list is an option, which may have a name for its label: `[{"name": "SEO"}]`. */
export function isListedOption(object: JsonObject): boolean {
  return isOptionOf(object, object['label'] ?? object['text'] ?? object['title'] ?? object['name'])
}

function isOptionOf(object: JsonObject, label: JsonValue | undefined): boolean {
  if (typeof label !== 'string' || isBlank(label)) return false
  const isFlat = Object.entries(object).every(([key, value]) => optionKeys.has(key) && !isContainer(value))
  const value = object['value']
  return isFlat && (value === undefined || isSameWord(label, value))
}

/** `text` is an answer only beside a question: a message has a name and a text as well. */
function valueKeyOf(object: JsonObject): string | undefined {
  const key = valueKeys.find((name) => Object.hasOwn(object, name))
  const hasQuestion = Object.hasOwn(object, 'question') || Object.hasOwn(object, 'label')
  return key === 'text' && !hasQuestion ? undefined : key
}

function isText(value: JsonValue | undefined): value is string | number {
  return (typeof value === 'string' && !isBlank(value)) || typeof value === 'number'
}

function isContainer(value: JsonValue): boolean {
  return isJsonObject(value) || Array.isArray(value)
}

/** Signs by which two spellings of an option differ at most; most answers are told apart by it at once. */
const maxDifference = 20

/** Returns whether the value of an option is its label in other letters. An answer may not: its label is a question. */
function isSameWord(label: string, value: JsonValue): boolean {
  if (typeof value !== 'string' || Math.abs(label.length - value.length) > maxDifference) return false
  return labelOf(label).field === undefined && wordsOf(label).join('') === wordsOf(value).join('')
}
