import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { maskText } from '../../src/contacts/masking.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'

const samples = [
  'jane@example.com',
  ' jane@example.com',
  'jane@example.com ',
  'Jane (jane@example.com) and joe@example.org',
  'a=b@example.com',
  'a=b@example.com Doe',
  '/?e=jane%40example.com&x=1',
  '/?e=jane%2540example.com',
  '%6aane%40example.com',
  'mailto:jane@example.com',
  '@',
  'jane@',
  '@example.com',
  'a@b@c',
  '40 %',
  '100%40',
  '"jane doe"@example.com',
  '🙂x@example.com',
  "jane@exa'mple.com",
  'back\\slash@example.com',
  '[x]@example.com',
]
const pieces = [
  '@',
  '%40',
  '%2540',
  '%6a',
  'a',
  'B',
  '🙂',
  ' ',
  '"',
  "'",
  '=',
  '&',
  '?',
  '/',
  ':',
  '<',
  '>',
  '(',
  ')',
  '\\',
  '[',
  ']',
  '.',
  ',',
  '4',
  '0',
  '%',
  'ë',
]

describe('11.9: masked text', () => {
  let parts: TestParts

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())

  const masked = async (texts: readonly string[]) => {
    const rows = await parts.sql<{ text: string }>(
      'select contact_masked(given) as text from unnest($1::text[]) with ordinality as list (given, nth) order by nth',
      [[...texts]],
    )
    return rows.map(({ text }) => text)
  }

  it('is the same in SQL, which filters, as in what is shown', async () => {
    expect(await masked(samples)).toEqual(samples.map(maskText))
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(''))
    for (const texts of fc.sample(fc.array(text, { minLength: 200, maxLength: 200 }), 10))
      expect(await masked(texts)).toEqual(texts.map(maskText))
  })
})
