import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { withPlainClient } from '../support/whole-data.ts'

const columns = [
  { name: 'E-Mail', field: 'email' },
  { name: 'Name', field: 'full_name' },
  { name: 'Team', field: 'metadata.team' },
  { name: 'Stage', field: 'stage' },
]

let app: TestApp
let api: ApiClient
let receiver: Receiver

beforeAll(async () => {
  app = await startTestApp()
  api = createApiClient(app)
  receiver = await startReceiver()
  await api.createEndpoint({ url: receiver.url, events: ['contact.created', 'contact.updated'] })
})

afterAll(async () => {
  await receiver.stop()
  await app.stop()
})

it('writes the rows of a batch like captures, refuses single rows with reasons, and notifies webhooks', async () => {
  await api.capture({ email: 'known@example.com', first_name: 'Old' }, { 'x-api-key': app.key })
  const { status, json } = await send({
    import: 'first',
    rows: [
      { row: 2, values: ['New@Example.com', 'Jane Doe', '12', ''] },
      { row: 3, values: ['known@example.com', 'Kim Lee', '', 'customer'] },
      { row: 5, values: ['no address', 'Jo', '', ''] },
      { row: 6, values: ['other@example.com', '', '', 'no stage'] },
      { row: 7, values: ['new@example.com', '', '13', ''] },
      { row: 8, values: ['new@example.com', '', '13', ''] },
      { row: 9, values: ["'=1+1@example.com", '', "'=1+1", ''] },
    ],
  })
  expect({ status, data: json.data }).toEqual({
    status: 200,
    data: {
      outcomes: ['created', 'updated', 'refused', 'refused', 'updated', 'unchanged', 'created'],
      refused: [
        { row: 5, reasons: [{ path: 'email', message: 'must be one e-mail address' }] },
        { row: 6, reasons: [{ path: 'stage', message: "must be one of the workspace's stages" }] },
      ],
      repeated: false,
    },
  })
  expect(await contacts(['new@example.com', 'known@example.com', '=1+1@example.com'])).toEqual([
    { email: '=1+1@example.com', first_name: null, last_name: null, stage: 'lead', metadata: { team: '=1+1' } },
    { email: 'known@example.com', first_name: 'Kim', last_name: 'Lee', stage: 'customer', metadata: {} },
    { email: 'new@example.com', first_name: 'Jane', last_name: 'Doe', stage: 'lead', metadata: { team: '13' } },
  ])
  await eventually(
    () => emailsOf(receiver).filter((email) => email === 'new@example.com').length === 2,
    () => JSON.stringify(emailsOf(receiver)),
  )
})

it('returns the first answer to a batch that is sent again, and writes nothing', async () => {
  const batch = { import: 'again', rows: [{ row: 2, values: ['again@example.com', 'A B', '', ''] }] }
  const first = await send(batch)
  const before = await countRows()
  const again = await send(batch)
  expect(again.json.data).toEqual({ ...first.json.data, repeated: true })
  expect(await countRows()).toEqual(before)
  const other = await send({ ...batch, rows: [{ row: 2, values: ['else@example.com', 'A B', '', ''] }] })
  expect({ status: other.status, code: other.json.error?.code }).toEqual({ status: 409, code: 'idempotency_conflict' })
})

it('writes a batch once when it is sent several times at once', async () => {
  const batch = { import: 'at once', rows: [{ row: 2, values: ['once@example.com', 'A B', '', ''] }] }
  const answers = await Promise.all(Array.from({ length: 5 }, () => send({ ...batch, import: 'at-once' })))
  expect(answers.map(({ json }) => json.data?.['repeated']).sort()).toEqual([false, true, true, true, true])
})

it('refuses a row whose metadata do not fit into the contact, and writes the others', async () => {
  const many = Array.from({ length: 50 }, (_, nth) => ({ name: `m${nth}`, field: `metadata.m${nth}` }))
  const values = Array.from({ length: 50 }, () => 'x')
  const fill = (prefix: string) => many.map(({ name }) => ({ name, field: `metadata.${prefix}_${name}` }))
  for (const prefix of ['a', 'b', 'c', 'd', 'e'])
    await send({
      import: `fill-${prefix}`,
      columns: [{ name: 'e', field: 'email' }, ...fill(prefix)],
      rows: [{ row: 2, values: ['full@example.com', ...values] }],
    })
  const { json } = await send({
    import: 'overflow',
    columns: [{ name: 'e', field: 'email' }, ...fill('z')],
    rows: [
      { row: 2, values: ['full@example.com', ...values] },
      { row: 3, values: ['beside@example.com', ...values] },
    ],
  })
  expect(json.data).toMatchObject({ outcomes: ['refused', 'created'], refused: [{ row: 2 }] })
})

it('notifies no webhook of a silent import, and live subscribers of it', async () => {
  const silent = { import: 'silent', silent: true, rows: [{ row: 2, values: ['silent@example.com', '', '', ''] }] }
  await send(silent)
  await send({ import: 'loud', rows: [{ row: 2, values: ['loud@example.com', '', '', ''] }] })
  await eventually(
    () => emailsOf(receiver).includes('loud@example.com'),
    () => JSON.stringify(emailsOf(receiver)),
  )
  expect(emailsOf(receiver)).not.toContain('silent@example.com')
  const events = await withPlainClient(app.database.environment.DATABASE_URL, (client) =>
    client.query(`select type from event where body like '%silent@example.com%'`),
  )
  expect(events.rows).toEqual([{ type: 'contact.created' }])
})

it('chooses fields by the names of the columns, and finds the e-mail by its values', async () => {
  const preview = await api.rest('POST', '/contacts/import/preview', {
    columns: ['Vorname', 'Nachname', 'E-Mail-Adresse', 'Firma', 'UTM Source', 'Team size', 'Lead Source', 'id', ''],
  })
  expect(fieldsOf(preview.json.data)).toEqual([
    'first_name',
    'last_name',
    'email',
    'metadata.company',
    'metadata.utm_source',
    'metadata.team_size',
    'source',
    'ignore',
    'ignore',
  ])
  const unnamed = await api.rest('POST', '/contacts/import/preview', {
    columns: ['a', 'b'],
    rows: [['1', 'jane@example.com']],
  })
  expect(fieldsOf(unnamed.json.data)).toEqual(['metadata.a', 'email'])
})

it('needs the scope CONTACTS_WRITE, before it reads the body', async () => {
  const response = await fetch(`${app.url}/contacts/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"import": ',
  })
  expect(response.status).toBe(401)
})

it.each([
  ['two columns for the e-mail', { columns: [columns[0], columns[0]] }],
  ['no column for the e-mail', { columns: [columns[1]] }],
  ['an unknown field', { columns: [columns[0], { name: 'x', field: 'owner' }] }],
  ['a forbidden key', { columns: [columns[0], { name: 'x', field: 'metadata.__proto__' }] }],
  ['501 rows', { rows: Array.from({ length: 501 }, (_, row) => ({ row, values: ['a@example.com'] })) }],
])('refuses a batch with %s', async (_what, change) => {
  const { status } = await send({ import: 'wrong', rows: [{ row: 2, values: ['a@example.com'] }], ...change })
  expect(status).toBe(422)
})

function send(batch: object) {
  return api.rest('POST', '/contacts/import', { batch: 0, columns, ...batch })
}

function fieldsOf(data: unknown): string[] {
  return (data as { columns: { field: string }[] }).columns.map(({ field }) => field)
}

function emailsOf({ webhooks }: Receiver): string[] {
  return webhooks.map(({ body }) => (JSON.parse(body) as { data: { email: string } }).data.email)
}

async function contacts(emails: readonly string[]) {
  return withPlainClient(app.database.environment.DATABASE_URL, async (client) => {
    const { rows } = await client.query(
      `select email, first_name, last_name, stage, metadata from contact where email = any($1) order by email`,
      [emails],
    )
    return rows
  })
}

async function countRows() {
  return withPlainClient(app.database.environment.DATABASE_URL, async (client) => {
    const { rows } = await client.query(
      'select (select count(*) from submission) as submissions, (select count(*) from event) as events',
    )
    return rows
  })
}
