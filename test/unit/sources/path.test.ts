import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatPath, parsePath } from '../../../src/sources/mapping/path.ts'
import { readPath } from '../../../src/sources/mapping/read-path.ts'
import type { JsonObject } from '../../../src/sources/payload.ts'

const body: JsonObject = {
  payload: { email: 'jane@example.com', 'first name': 'Jane' },
  'Work e-mail (.com)': 'work@example.com',
  answers: [{ text: 'one' }, { text: 'two', field: { ref: 'plan' } }],
  questions_and_answers: [
    { question: 'Phone', answer: '+14155550123' },
    { question: 'Company', answer: 'Acme Ltd' },
    { question: 'a=b', answer: 'equal' },
    { question: ' Size ', answer: 12, position: 3 },
  ],
  fields: { field_3: { title: 'Phone', value: '123' } },
  listed: { '0': 'zero', '1': 'one' },
  '': 'blank',
  '"': 'quote',
}

describe('a path reads', () => {
  test.for([
    ['payload.email', 'jane@example.com'],
    ['payload.first name', 'Jane'],
    [' payload . first name ', 'Jane'],
    ['["Work e-mail (.com)"]', 'work@example.com'],
    ['payload["first name"]', 'Jane'],
    ['["payload"].email', 'jane@example.com'],
    ['answers[0].text', 'one'],
    ['answers[ 1 ].text', 'two'],
    ['answers.1.text', 'two'],
    ['questions_and_answers[question=Company].answer', 'Acme Ltd'],
    ['questions_and_answers[ question = Company ].answer', 'Acme Ltd'],
    ['questions_and_answers[question="a=b"].answer', 'equal'],
    ['questions_and_answers["question"="Company"].answer', 'Acme Ltd'],
    ['questions_and_answers[question=Size].answer', 12],
    ['questions_and_answers[position=3].answer', 12],
    ['answers[field.ref=plan].text', 'two'],
    ['fields[title=Phone].value', '123'],
    ['listed[1]', 'one'],
    ['[""]', 'blank'],
    ['["\\""]', 'quote'],
  ] as const)('%s', ([path, value]) => {
    expect(readPath(path, body)).toBe(value)
  })
})

describe('a path finds nothing', () => {
  test.for([
    'missing',
    'payload.email.length',
    'answers.length',
    'answers[2].text',
    'answers[field.ref=other].text',
    '__proto__',
    '__proto__.toString',
    'constructor.name',
    'payload.constructor.constructor',
    'payload["__proto__"]',
    'toString',
    'answers.map',
  ])('%s', (path) => {
    expect(readPath(path, body)).toBeUndefined()
  })
})

describe('an invalid path is refused with the character', () => {
  test.for([
    ['', 1, 'a name is expected'],
    ['a..b', 3, 'a name is expected'],
    ['a.', 3, 'a name is expected'],
    ['.a', 1, 'a name is expected'],
    ['a[', 3, 'an index, a quoted name or a selection is expected'],
    ['a[]', 3, 'an index, a quoted name or a selection is expected'],
    ['a[b]', 4, 'an index, a quoted name or a selection like question=Company is expected'],
    ['a[-1]', 5, 'an index, a quoted name or a selection like question=Company is expected'],
    ['a[0', 4, '"]" is expected'],
    ['a[0]b', 5, '"." or "[" is expected'],
    ['a]', 2, '"]" must be quoted: ["a]b"]'],
    ['a | b', 3, '"|" must be quoted: ["a|b"]'],
    ['a[question=]', 12, 'a value after "=" is expected'],
    ['a[question=x=y]', 13, '"=" must be quoted: [question="a=b"]'],
    ['a[question=1.5]', 13, '"." must be quoted: [question="a=b"]'],
    ['a["b]', 6, 'the closing quote is missing'],
    ['a["\\q"]', 3, 'a quoted name has the escapes of JSON only'],
    ['"a.b"', 1, 'a quoted name stands in brackets: ["a.b"]'],
    ['日本[', 4, 'an index, a quoted name or a selection is expected'],
    ['😀]', 2, '"]" must be quoted: ["a]b"]'],
  ] as const)('%s', ([path, character, message]) => {
    expect(parsePath(path)).toEqual({ isValid: false, character, message })
  })
})

test('a written path is parsed to the same names and indexes', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.nat({ max: 5000 }),
    fc.constantFrom('a.b', 'a]', '"', ' a', '', '\\', '0'),
  )
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
      const parsed = parsePath(formatPath(parts))
      const read = parsed.isValid
        ? parsed.steps.map((step) => (step.kind === 'name' ? step.name : step.kind === 'index' && step.index))
        : parsed
      expect(read).toEqual(parts)
    }),
    { numRuns: 2000 },
  )
})
