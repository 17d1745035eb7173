import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ExpectStatic, it, onTestFinished } from 'vitest'
import { type ApiClient, createApiClient } from '../../support/api-client.ts'
import { makeDataFolder } from '../../support/data-folder.ts'
import { eventually } from '../../support/eventually.ts'
import { type Receiver, startReceiver } from '../../support/receiver.ts'
import { type RexProcess, runRexCommand, runRexCommandIn, startRexProcess } from '../../support/rex-process.ts'
import { createEmptyDatabase } from '../../support/test-database.ts'

/** Set to 100,000 it measures: the times are printed with the test. */
const contacts = Number(process.env['REX_MOVED_CONTACTS'] ?? 60)
const key = 'move-test-key-0123456789-0123456789'
const timeout = 550_000

type Environment = Readonly<Record<string, string>>

it('moves the embedded database to a server, and a backup of that back, with alike answers on all sides', {
  timeout,
}, async ({ annotate, expect }) => {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const embedded = { REX_DATA_DIR: makeDataFolder(), REX_API_KEY: key }
  await serving(embedded, (rex) => fill(rex, receiver))
  const before = await serving(embedded, answersOf)
  expect(before.contacts.lines).toBe(contacts)

  const own = await createEmptyDatabase()
  onTestFinished(own.drop)
  const onServer: Environment = {
    ...own.environment,
    REX_API_KEY: key,
    REX_ENCRYPTION_KEYS: readFileSync(join(embedded.REX_DATA_DIR, 'encryption-keys'), 'utf8').trim(),
  }
  const run = createRun(expect, annotate)
  const moved = await run(embedded, 'move', '--to', own.environment.DATABASE_URL)
  expect(moved).toMatchObject({
    tables: { contact: { rows: contacts }, submission: { rows: contacts }, attempt: { rows: contacts } },
  })
  expect(await serving(onServer, answersOf)).toEqual(before)

  const file = join(makeDataFolder(), 'rex.backup')
  const written = await run(onServer, 'backup', file)
  const back = {
    ...embedded,
    REX_DATA_DIR: makeDataFolder(),
    REX_ENCRYPTION_KEYS: onServer['REX_ENCRYPTION_KEYS'] ?? '',
  }
  expect(tablesOf(await run(back, 'restore', file))).toEqual(tablesOf(written))
  expect(await serving(back, answersOf)).toEqual(before)

  const again = join(makeDataFolder(), 'again.backup')
  const last = { ...embedded, REX_DATA_DIR: makeDataFolder(), REX_ENCRYPTION_KEYS: back.REX_ENCRYPTION_KEYS }
  const fromEmbedded = await run(embedded, 'backup', again)
  expect(tablesOf(await run(last, 'restore', again))).toEqual(tablesOf(fromEmbedded))
  expect(await serving(last, answersOf)).toEqual(before)
  // Its secret can be decrypted: a new lead is signed and accepted.
  await serving(last, async (rex) => {
    const known = receiver.webhooks.length
    await createApiClient({ url: rex.url, key }).capture({ email: 'after@example.com' }, { 'x-api-key': key })
    await receiver.received(known + 1)
  })
})

/** Runs work with a Rex, which is stopped afterwards. */
async function serving<Result>(environment: Environment, work: (rex: RexProcess) => Promise<Result>): Promise<Result> {
  const rex = await startRexProcess(environment)
  try {
    return await work(rex)
  } finally {
    await rex.signal('SIGTERM')
  }
}

/** Imports contacts of which a webhook is notified, and waits until all are delivered. */
async function fill({ url }: RexProcess, receiver: Receiver): Promise<void> {
  const api = createApiClient({ url, key })
  const { id } = await api.createEndpoint({ url: receiver.url, maxInFlight: 50 })
  const folder = makeDataFolder()
  const rows = Array.from({ length: contacts }, (_, nth) => `p${nth}@moved.example,Mira ${nth},Größe ${nth % 97},ads`)
  writeFileSync(join(folder, 'leads.csv'), `email,first_name,company,utm_source\n${rows.join('\n')}\n`)
  const imported = await runRexCommandIn(folder, { REX_URL: url, REX_API_KEY: key }, 'import', 'leads.csv')
  if (imported.code !== 0) throw new Error(imported.output)
  await receiver.received(contacts, timeout)
  await untilRecorded(api, id)
}

/** Waits until all attempts are recorded, which is after the receiver has answered. */
async function untilRecorded(api: ApiClient, id: string): Promise<void> {
  const query = 'query ($id: ID!) { webhookEndpoint(id: $id) { attemptsByHour24h { attempts } } }'
  const recorded = async () => {
    const { data } = (await api.graphql(query, { id })) as { data: { webhookEndpoint: Endpoint } }
    return data.webhookEndpoint.attemptsByHour24h.reduce((sum, { attempts }) => sum + attempts, 0)
  }
  await eventually(
    async () => (await recorded()) >= contacts,
    async () => `${await recorded()} attempts`,
    timeout,
  )
}

interface Endpoint {
  readonly attemptsByHour24h: readonly { readonly attempts: number }[]
}

const answersQuery = `{
  contacts(first: 50) { nodes { id email firstName metadata version submissions(first: 2) { nodes { id changes { field after } } } } }
  submissions(first: 50) { nodes { id status outcome fields receivedAt } }
  events(first: 50) { nodes { id type data createdAt } }
  deliveries(first: 50) { nodes { id status attemptCount attempts { id number responseStatus responseBody startedAt } } }
  webhookEndpoints(first: 50) { nodes { id url secretHint status } }
  workspace { slug name stages }
}`

/** Answers that must not depend on where the data are. */
async function answersOf({ url }: RexProcess) {
  const response = await fetch(`${url}/contacts/export?format=ndjson`, { headers: { 'x-api-key': key } })
  const hash = createHash('sha256')
  let lines = 0
  for await (const chunk of response.body ?? []) {
    hash.update(chunk)
    lines += Buffer.from(chunk).toString('latin1').split('\n').length - 1
  }
  const graphql = await createApiClient({ url, key }).graphql(answersQuery)
  if (response.status !== 200 || graphql['errors'] !== undefined) throw new Error(JSON.stringify(graphql))
  return { contacts: { lines, sha256: hash.digest('hex') }, graphql: graphql['data'] }
}

/** Creates a function that runs a command and returns its JSON, and notes how long it took. */
function createRun(expect: ExpectStatic, annotate: (text: string) => unknown) {
  return async (environment: Environment, command: string, ...parameters: string[]): Promise<unknown> => {
    const start = performance.now()
    const { code, output } = await runRexCommand(environment, command, ...parameters, '--json')
    void annotate(`${command}: ${((performance.now() - start) / 1000).toFixed(1)} s`)
    expect({ code, output }).toMatchObject({ code: 0 })
    return JSON.parse(output)
  }
}

function tablesOf(result: unknown): unknown {
  return (result as { tables: unknown }).tables
}
