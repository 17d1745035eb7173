import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { multipart, type Post, part, urlencoded } from '../support/form-bodies.ts'
import { send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { runSql } from '../support/test-parts.ts'

const runs = 60
const atOnce = 20
const keyPattern = /^\p{L}[\p{L}\p{M}\p{N}_.-]{0,63}$/u

let rex: TestHttp

beforeAll(async () => {
  rex = await startTestHttp()
})
afterAll(() => rex.stop())

/** Names as pages and tools give them, in several scripts, and any text. Forbidden names are another test's. */
const name = fc
  .oneof(
    fc.constantFrom('name', 'First Name', 'Nachname', 'fname', 'full_name', 'E-Mail', 'your-email', 'utm_source'),
    fc.constantFrom('interests[]', 'lead[phone]', 'utm[source]', 'metadata[a]', 'metadata[a][b]', 'metadata[]', ''),
    fc.constantFrom(
      'Deine Nachricht?',
      '電話番号',
      'Телефон',
      'שם',
      '1.3',
      '⭐',
      'a[b',
      'csrf_token',
      'id',
      'workspace',
    ),
    fc.string({ unit: 'grapheme', maxLength: 100 }),
  )
  .filter((text) => text.isWellFormed() && !text.includes('\u0000') && isFree(text))
const value = fc
  .oneof(
    fc.constantFrom('', ' ', 'Jane Doe', 'jane@example.com', 'https://www.example.com/', 'x'.repeat(5000)),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
  )
  .filter((text) => text.isWellFormed() && !text.includes('\u0000'))
/** Values of JSON, nested too. */
const deepValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    value,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

const pairs = fc.array(fc.tuple(name, value), { maxLength: 12 })
const body = fc.oneof(
  pairs.map((fields) =>
    urlencoded(
      withEmail(fields)
        .map(([key, text]) => `${escaped(key)}=${escaped(text)}`)
        .join('&'),
    ),
  ),
  pairs.map((fields) =>
    multipart(...withEmail(fields.filter(([key]) => /^[^"\\\r\n]*$/.test(key))).map(([key, text]) => part(key, text))),
  ),
  fc
    .dictionary(name, deepValue, { maxKeys: 12, noNullPrototype: true })
    .map((fields) => json({ ...fields, email: 'jane@example.com' })),
)

test('random forms and objects with one valid e-mail are all taken, and their keys are keys', async () => {
  const together = fc.array(body, { minLength: atOnce, maxLength: atOnce })
  const property = fc.asyncProperty(together, async (posts) => {
    const answers = await Promise.all(posts.map((sent) => send(rex.url, { method: 'POST', path: '/capture', ...sent })))
    for (const { status, text } of answers) expect([status, text]).toEqual([201, expect.any(String)])
  })
  await fc.assert(property, { numRuns: runs, seed: 14 })
  const rows = await runSql<{ metadata: Record<string, unknown> }>(rex.database, 'select metadata from contact')
  expect(rows.length).toBe(1)
  const changed = await runSql<{ field: string }>(
    rex.database,
    `select distinct change ->> 'field' as field from submission, jsonb_array_elements(changes) change
     where change ->> 'field' like 'metadata.%'`,
  )
  expect(changed.length).toBeGreaterThan(20)
  for (const { field } of changed) expect(field.slice('metadata.'.length)).toMatch(keyPattern)
})

function withEmail(fields: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  return [['email', 'jane@example.com'], ...fields]
}

function json(fields: Record<string, unknown>): Post {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) }
}

/** Fields that have one value, or control the request, or are forbidden, are taken only with a right value. */
function isFree(text: string): boolean {
  const isKnown = ['email', 'first_name', 'last_name', 'source', 'metadata'].includes(text)
  return !isKnown && !text.startsWith('_') && !/__proto__|constructor|prototype/.test(text)
}

function escaped(text: string): string {
  return encodeURIComponent(text)
}
