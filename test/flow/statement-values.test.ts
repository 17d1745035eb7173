import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { statement, unpreparedStatement } from '../../src/database/database.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { openParts, silentLog, type TestParts } from '../support/test-parts.ts'

const items = statement(
  'select_items',
  'select item from unnest($1::text[]) with ordinality as given (item, nth) order by nth',
)

const nothing = statement('select_nothing', 'select 1 from nowhere')

describe('values of a statement', () => {
  let parts: TestParts
  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())

  const sent = async (given: readonly (string | null)[]) =>
    (await parts.database.query<{ item: string | null }>(items, [given])).map(({ item }) => item)

  it.each([
    ['quotes and backslashes', ['"', '\\', '\\"', `'`, '{"a": "\\\\"}']],
    ['what an array has a meaning for', ['{', '}', ',', '{a,b}', 'NULL', 'null', '']],
    ['nulls', [null, 'a', null]],
    ['only nulls', [null]],
    ['none', []],
    ['other alphabets', ['Zoë', '日本', '🦖', 'e\u0301']],
    ['lines', ['a\nb', '\t', '\r\n', '\u0001']],
    ['many and long ones', Array.from({ length: 500 }, (_, nth) => 'ß'.repeat(nth * 7))],
  ])('keeps arrays of texts: %s', async (_, given) => {
    expect(await sent(given)).toEqual(given)
  })

  it('replaces half of a surrogate pair, as in any other text', async () => {
    expect(await sent(['a\ud83e', '\udd96b'])).toEqual(['a\ufffd', '\ufffdb'])
  })

  it('refuses a zero byte', async () => {
    await expect(sent(['a\0b'])).rejects.toMatchObject({ code: '22021' })
  })

  it('keeps arrays of other types, numbers for a text among them', async () => {
    const types = unpreparedStatement(
      'select_arrays',
      `select $1::int[] as numbers, $2::timestamptz[] as times, $3::bool[] as flags, $4::text[] as texts, array_length($10::text[], 1) as tenth,
              $5::text as one, $6::int as two, $7::int as three, $8::int as four, $9::int as five`,
    )
    const at = new Date('2026-03-29T01:30:00.123Z')
    const values = [[1, 2], [at.toISOString()], [true, false], [3, 'four'], 'a', 1, 2, 3, 4, ['b', 'c']]
    const [row] = await parts.database.query(types, values)
    expect(row).toEqual({
      ...{ numbers: [1, 2], times: [at], flags: [true, false], texts: ['3', 'four'], tenth: 2 },
      ...{ one: 'a', two: 1, three: 2, four: 3, five: 4 },
    })
  })
})

describe('rows of a statement', () => {
  let parts: TestParts
  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())

  it('has numbers for int8, null for nothing, and objects for JSON', async () => {
    const row = statement(
      'select_a_row',
      `select 9007199254740991::int8 as big, null::text as nothing, '{"a": 1}'::jsonb as json`,
    )
    for (let nth = 0; nth < 2; nth++)
      expect(await parts.database.query(row)).toEqual([{ big: 9_007_199_254_740_991, nothing: null, json: { a: 1 } }])
  })

  it.each([
    ['other_columns', 'select 1 as a, 2 as b', { a: 1, b: 2 }, `select 'x' as b, true as c`, { b: 'x', c: true }],
    ['other_types', 'select 1 as a', { a: 1 }, `select '{"x": 1}'::jsonb as a`, { a: { x: 1 } }],
    ['more_columns', 'select 1 as a', { a: 1 }, 'select 1 as a, 2 as b', { a: 1, b: 2 }],
  ])(
    'are those of the database, although another has the same statement with %s',
    async (name, text1, row1, text2, row2) => {
      const other = await openParts()
      onTestFinished(() => other.close())
      const [first, second] = [text1, text2].map((text) => statement(name, text))
      for (let nth = 0; nth < 2; nth++) {
        expect(await parts.database.query(first!)).toEqual([row1])
        expect(await other.database.query(second!)).toEqual([row2])
      }
    },
  )

  it('has null for the last of two columns of one name', async () => {
    const twice = statement('select_twice', 'select 1 as a, null::int as a')
    expect(await parts.database.query(twice)).toEqual([{ a: null }])
  })

  it('rejects with the error of a value that cannot be read, and leaves a connection that works', async () => {
    const { MACADDR } = pg.types.builtins
    const parse = pg.types.getTypeParser(MACADDR, 'text')
    onTestFinished(() => pg.types.setTypeParser(MACADDR, parse))
    pg.types.setTypeParser(MACADDR, () => {
      throw new Error('no address')
    })
    const addresses = statement(
      'select_addresses',
      `select macaddr '08:00:2b:01:02:03' as address from generate_series(1, $1::int)`,
    )
    const database = connectPostgresql(parts.own.environment['DATABASE_URL'] ?? '', silentLog, 1)
    onTestFinished(() => database.close())
    const process = () =>
      database.inTransaction((tx) => tx.query(statement('select_process', 'select pg_backend_pid()')))
    const before = await process()
    for (let nth = 0; nth < 2; nth++) {
      const failing = database.inTransaction((tx) => tx.query(addresses, [3]))
      await expect(failing).rejects.toThrow('no address')
    }
    expect(await process()).toEqual(before)
  })

  it.each([
    ['alone', (parts: TestParts) => parts.database.query(nothing)],
    ['in a transaction', (parts: TestParts) => parts.database.inTransaction((tx) => tx.query(nothing))],
  ])('has an error with the code of PostgreSQL and the stack of its caller, %s', async (_, query) => {
    const error = await query(parts).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: '42P01', message: 'relation "nowhere" does not exist' })
    expect(String(Object(error).stack)).toContain('at runStatement')
  })
})
