import type { JsonValue } from '../../payload.ts'
import { answerOf, assignedField, firstText, type PathPart, textAt, valueAt } from '../answers.ts'
import type { Answer, AnswerField } from '../kind.ts'

const fieldsByName: Readonly<Record<string, AnswerField>> = {
  email: 'email',
  work_email: 'email',
  full_name: 'full_name',
  name: 'full_name',
  first_name: 'first_name',
  last_name: 'last_name',
  phone: 'phone',
  phone_number: 'phone',
  work_phone_number: 'phone',
  company_name: 'company',
}

/** Questions that stand back when the person has answered the other one. Of two addresses, none does. */
const secondChoices: Readonly<Record<string, string>> = { work_phone_number: 'phone_number' }

/** Reads the answers of an ad network's form: `[{name, values: [text]}]` of Meta, `[{field, value}]` of TikTok. */
export function answersOfFieldData(list: readonly JsonValue[], base: readonly PathPart[]): Answer[] {
  const names = new Set(list.filter((item) => valuesOf(item)[0] !== undefined).map(nameOf))
  return list.flatMap((item, index) => {
    const name = nameOf(item)
    if (name === undefined) return []
    const values = valuesOf(item)
    const field = fieldOf(name, names)
    if (field === undefined && values.length > 1) {
      return answerOf([...base, index, 'values'], name, valueAt(item, 'values'))
    }
    return values.flatMap(([parts, value]) => answerOf([...base, index, ...parts], name, value, field))
  })
}

function nameOf(item: JsonValue): string | undefined {
  return firstText(item, ['name', 'field'])
}

function valuesOf(item: JsonValue): readonly (readonly [readonly PathPart[], JsonValue])[] {
  const values = valueAt(item, 'values')
  if (Array.isArray(values)) {
    return values
      .map((value: JsonValue, index) => [['values', index], value] as const)
      .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
  }
  const name = ['values', 'value'].find((key) => textAt(item, key) !== undefined)
  const value = name === undefined ? undefined : valueAt(item, name)
  return name === undefined || value === undefined ? [] : [[[name], value]]
}

function fieldOf(name: string, names: ReadonlySet<string | undefined>): AnswerField | undefined {
  const key = name.toLowerCase()
  const field = assignedField(fieldsByName, key)
  const first = secondChoices[key]
  return field !== undefined && first !== undefined && names.has(first) ? 'metadata' : field
}
