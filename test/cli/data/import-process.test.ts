import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeDataFolder } from '../../support/data-folder.ts'
import { eventually } from '../../support/eventually.ts'
import { launchRexCommand, runRexCommandIn } from '../../support/rex-process.ts'
import { startTestApp, type TestApp } from '../../support/test-app.ts'
import { withPlainClient } from '../../support/whole-data.ts'

let app: TestApp
let environment: Readonly<Record<string, string>>

beforeAll(async () => {
  app = await startTestApp()
  environment = { REX_URL: app.url, REX_API_KEY: app.key }
})

afterAll(() => app.stop())

it('ends with exactly the contacts of the file after it was killed and run again', async () => {
  const count = 12_000
  const folder = makeDataFolder()
  const file = join(folder, 'many.csv')
  const rows = Array.from({ length: count }, (_, nth) => `p${nth}@killed.example,First ${nth},Company ${nth}`)
  // The last row of a person wins, wherever the batches are cut.
  rows.push('p0@killed.example,Last,Company 0')
  writeFileSync(file, `E-Mail,Vorname,Firma\r\n${rows.join('\r\n')}\r\n`)

  const killed = launchRexCommand(environment, 'import', file, '--silent')
  await eventually(
    async () => (await countContacts('%@killed.example')) > 1000,
    async () => `${await countContacts('%@killed.example')} contacts`,
    120_000,
  )
  await killed.signal('SIGKILL')
  const first = await countContacts('%@killed.example')
  expect(first).toBeLessThan(count)

  const again = await runRexCommandIn(makeDataFolder(), environment, 'import', file, '--silent', '--json')
  const result = JSON.parse(again.output) as Record<string, number>
  expect(result).toMatchObject({ rows: count + 1, created: count, updated: 1, refused: 0 })
  expect(result['repeated']).toBeGreaterThanOrEqual(1000)
  expect(await sums('%@killed.example')).toEqual({ contacts: count, submissions: count + 1, events: count + 1 })
  expect(await firstNameOf('p0@killed.example')).toBe('Last')

  const third = await runRexCommandIn(makeDataFolder(), environment, 'import', file, '--silent', '--json')
  expect(JSON.parse(third.output)).toMatchObject({ repeated: count + 1 })
  expect(await sums('%@killed.example')).toEqual({ contacts: count, submissions: count + 1, events: count + 1 })
})

it('imports what is right of a hostile file, and writes the other rows with line and reason', async () => {
  const folder = makeDataFolder()
  const file = join(folder, 'hostile.csv')
  const big = 'x'.repeat(10_000_000)
  const lines = [
    'email;first_name;note',
    '=cmd@hostile.example;=1+1;"two',
    'lines; ""quoted"""',
    '',
    ' A@Hostile.Example ;Ann;@note',
    'a@hostile.example;Anna;',
    'nul@hostile.example;x\u0000y;',
    'quote@hostile.example;J"o;',
    'no address;Jo;+49',
    `big@hostile.example;"${big}";`,
    'much@hostile.example;a;b;c;d',
    ';;',
    '"open@hostile.example;never closed;',
    'last@hostile.example;Last;',
  ]
  writeFileSync(file, `\uFEFF${lines.join('\r\n')}\r\n`)
  const { code, output } = await runRexCommandIn(folder, environment, 'import', file, '--json')
  expect({ code, result: JSON.parse(output) }).toMatchObject({
    code: 0,
    result: { rows: 10, created: 3, updated: 1, refused: 6, errors: 'hostile.csv.errors.csv' },
  })
  expect(await namesOf('%@hostile.example')).toEqual([
    { email: '=cmd@hostile.example', first_name: '=1+1', note: 'two\r\nlines; "quoted"' },
    { email: 'a@hostile.example', first_name: 'Anna', note: '@note' },
    { email: 'last@hostile.example', first_name: 'Last', note: null },
  ])
  const errors = errorsOf(folder, 'hostile.csv')
  expect(errors.map((line) => line.slice(0, 70))).toEqual([
    'rex_line;rex_reason;email;first_name;note',
    expect.stringMatching(/^7;the row holds a NUL character;nul@/),
    expect.stringMatching(/^8;a quote is within a field that does not begin with one;/),
    expect.stringMatching(/^10;the row is over 64 KiB;big@/),
    expect.stringMatching(/^11;the row has 5 fields, and the first line 3;much@/),
    expect.stringMatching(/^13;a quote is not closed;/),
    expect.stringMatching(/^9;email must be one e-mail address;no address;Jo;'\+49$/),
  ])
})

it.each([
  ['UTF-16', Buffer.from('\uFEFFemail\tname\nutf16@enc.example\tZoë Ωmega\n', 'utf16le'), 'Zoë'],
  ['Windows-1252', Buffer.from('email,name\nutf1252@enc.example,Zo\xEB M\xFCller\n', 'latin1'), 'Zoë'],
  ['UTF-8 with CR alone', Buffer.from('email|name\rcr@enc.example|Zoë Cr\r'), 'Zoë'],
])('reads a file in %s', async (_encoding, bytes, firstName) => {
  const file = join(makeDataFolder(), 'encoded.csv')
  writeFileSync(file, bytes)
  const { output } = await runRexCommandIn(makeDataFolder(), environment, 'import', file, '--json')
  expect(JSON.parse(output)).toMatchObject({ created: 1, refused: 0 })
  const email = /(utf16|utf1252|cr)@enc\.example/.exec(bytes.toString('latin1').replaceAll('\0', ''))?.[0] ?? ''
  expect(await firstNameOf(email)).toBe(firstName)
})

it('shows columns and fields first, and takes other ones by hand', async () => {
  const folder = makeDataFolder()
  const file = join(folder, 'crm.csv')
  writeFileSync(file, 'Kontakt,Zweitadresse,Kundennummer\nJane Doe,jane@crm.example,17\n')
  const { code, output } = await runRexCommandIn(makeDataFolder(), environment, 'import', file, '--dry-run')
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/Zweitadresse {2}-> {2}email +jane@crm/) })
  expect(await countContacts('%@crm.example')).toBe(0)
  const given = await runRexCommandIn(
    folder,
    environment,
    ...['import', file, '--map', 'Kundennummer=metadata.customer_id', '--map', 'Kontakt=full_name'],
    ...['--source', 'crm'],
  )
  expect(given.output).toMatch(/1 rows in .+: 1 created, 0 updated, 0 unchanged, 0 refused\./)
  expect(existsSync(join(folder, 'crm.csv.errors.csv'))).toBe(false)
  const wrong = await runRexCommandIn(makeDataFolder(), environment, 'import', file, '--map', 'Nothing=email')
  expect(wrong).toEqual({ code: 2, output: 'The file has no column "Nothing".\n' })
})

it('names a file that is missing', async () => {
  const missing = await runRexCommandIn(makeDataFolder(), environment, 'import', 'nowhere.csv')
  expect(missing).toEqual({ code: 1, output: 'There is no file nowhere.csv.\n' })
})

/** Reads the errors file in the folder of the command. */
function errorsOf(folder: string, name: string): string[] {
  return readFileSync(join(folder, `${name}.errors.csv`), 'utf8')
    .trim()
    .split(/\r?\n/)
}

function withDatabase<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
  return withPlainClient(app.database.environment.DATABASE_URL, async (client) => {
    const { rows } = await client.query(text, [...values])
    return rows as Row[]
  })
}

async function countContacts(pattern: string): Promise<number> {
  const [row] = await withDatabase<{ count: number }>(
    'select count(*)::int as count from contact where email like $1',
    [pattern],
  )
  return row!.count
}

async function sums(pattern: string) {
  const [row] = await withDatabase(
    `select count(distinct c.id)::int as contacts,
            (select count(*)::int from submission s join contact o using (workspace_id)
             where s.contact_id = o.id and o.email like $1) as submissions,
            (select count(*)::int from event e join contact o using (workspace_id)
             where e.contact_id = o.id and o.email like $1) as events
     from contact c
     where c.email like $1`,
    [pattern],
  )
  return row
}

async function firstNameOf(email: string): Promise<string | null> {
  const [row] = await withDatabase<{ first_name: string }>('select first_name from contact where email = $1', [email])
  return row?.first_name ?? null
}

function namesOf(pattern: string) {
  return withDatabase(
    `select email, first_name, metadata ->> 'note' as note from contact where email like $1 order by email`,
    [pattern],
  )
}
