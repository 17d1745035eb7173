import type { JsonValue, Payload } from '../../payload.ts'
import { isJsonObject } from '../../payload.ts'
import { hmac } from '../../verify/hmac.ts'
import {
  answerOf,
  assignedField,
  firstText,
  listAt,
  objectAt,
  optionLabels,
  type PathPart,
  textAt,
  valueAt,
  withOptionLabels,
} from '../answers.ts'
import type { Answer, AnswerField, Kind, KindReading } from '../kind.ts'

const fieldsByType: Readonly<Record<string, AnswerField>> = { INPUT_EMAIL: 'email', INPUT_PHONE_NUMBER: 'phone' }

export const tally: Kind = {
  name: 'TALLY',
  title: 'Tally',
  recognizes,
  read,
  repeatId: ({ body }) => firstText(objectAt(body, 'data'), ['submissionId', 'responseId']),
  verification: hmac({ header: 'tally-signature', algorithm: 'sha256', encoding: 'base64' }),
  setup: [
    'Open the published form, go to **Integrations** and choose **Webhooks**.',
    'Paste the URL of the source as the **Endpoint URL**. To verify requests, add a **Signing secret** and set the same secret on the source.',
    'Choose **Connect**, then submit the form once.',
  ],
  events: '`FORM_RESPONSE` becomes a lead; every other event type is ignored.',
  evidence: 'shape',
}

function recognizes({ body }: Payload): boolean {
  const data = objectAt(body, 'data')
  return textAt(body, 'eventType') !== undefined && data !== undefined && isTallyData(data)
}

function isTallyData(data: JsonValue): boolean {
  return ['formId', 'responseId', 'submissionId', 'respondentId'].some((key) => valueAt(data, key) !== undefined)
}

function read({ body }: Payload): KindReading {
  const event = textAt(body, 'eventType') ?? 'FORM_RESPONSE'
  if (event !== 'FORM_RESPONSE') return { outcome: 'ignored', event }
  return {
    outcome: 'lead',
    answers: [
      ...listAt(body, 'data', 'fields').flatMap(readField),
      ...answerOf(['data', 'formName'], 'form_name', textAt(body, 'data', 'formName'), 'metadata'),
    ],
  }
}

function readField(field: JsonValue, index: number): Answer[] {
  const type = textAt(field, 'type') ?? ''
  const value = valueAt(field, 'value')
  const parts = ['data', 'fields', index, 'value']
  const label = firstText(field, ['label', 'key']) ?? `answer ${index + 1}`
  // Tally repeats each option of a group as a field of its own with true or false.
  if (value === undefined || (type === 'CHECKBOXES' && typeof value === 'boolean')) return []
  if (type === 'MATRIX') return readMatrix(field, value, parts, label)
  if (type === 'FILE_UPLOAD' || type === 'SIGNATURE') return answerOf(parts, label, fileUrls(value))
  const labels = optionLabels(listAt(field, 'options'), ['id'], ['text', 'label'])
  return answerOf(parts, label, withOptionLabels(value, labels), assignedField(fieldsByType, type))
}

/** Reads a table of questions, whose value is `{rowId: [columnId]}`, as one answer a row. */
function readMatrix(field: JsonValue, value: JsonValue, parts: readonly PathPart[], label: string): Answer[] {
  if (!isJsonObject(value)) return []
  const rows = optionLabels(listAt(field, 'rows'), ['id'], ['text', 'label'])
  const columns = optionLabels(listAt(field, 'columns'), ['id'], ['text', 'label'])
  return Object.entries(value).flatMap(([row, chosen]) =>
    answerOf([...parts, row], `${label} ${rows.get(row) ?? row}`, withOptionLabels(chosen, columns)),
  )
}

function fileUrls(value: JsonValue): JsonValue {
  if (!Array.isArray(value)) return value
  return value.map((file: JsonValue) => firstText(file, ['url', 'name']) ?? '').filter((url) => url !== '')
}
