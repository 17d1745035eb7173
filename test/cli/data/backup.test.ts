import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { backup } from '../../../src/cli/data/backup/backup.ts'
import { restore } from '../../../src/cli/data/backup/restore.ts'
import { readConfig } from '../../../src/config/config.ts'
import { createApiClient } from '../../support/api-client.ts'
import { makeDataFolder } from '../../support/data-folder.ts'
import { startReceiver } from '../../support/receiver.ts'
import { startTestApp, type TestApp } from '../../support/test-app.ts'
import { createEmptyDatabase, createTestDatabase, type OwnDatabase } from '../../support/test-database.ts'
import { wholeData, withPlainClient } from '../../support/whole-data.ts'

const onBytes = () => {}
const awkward = 'Zoë \\ "quoted"\ttab\nline \\N 🙂 ﷽'

let app: TestApp
let file: string
let folder: string

beforeAll(async () => {
  const receiver = await startReceiver()
  app = await startTestApp()
  const api = createApiClient(app)
  await api.createEndpoint({ url: receiver.url, events: ['contact.created', 'contact.updated'] })
  for (let nth = 0; nth < 20; nth++)
    await api.capture({ email: `p${nth % 15}@example.com`, first_name: `N${nth}`, metadata: { note: awkward, nth } })
  await receiver.received(20)
  await receiver.stop()
  folder = app.database.environment.REX_DATA_DIR
  file = join(folder, 'kept.rexbackup')
  await backup(configOf(app.database), { file, includesKeys: false, signal: new AbortController().signal, onBytes })
})

afterAll(() => app.stop())

it('restores every row, and the next event gets the next position', async () => {
  const target = await emptyDatabase()
  const { tables } = await restore(configOf(target), { file, onBytes })
  expect(tables.get('contact')?.rows).toBe(15)
  expect(tables.get('submission')?.rows).toBe(20)
  const stopped = await wholeDataWithoutPolls(app.database)
  expect(await wholeDataWithoutPolls(target)).toEqual(stopped)
  expect(await nextPosition(target)).toBeGreaterThanOrEqual(await lastPosition(app.database))
})

it('writes a file of mode 0600 that gzip can read', () => {
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
  expect(gunzipSync(readFileSync(file)).toString()).toContain('p1@example.com')
})

it('restores into a database that is migrated and empty', async () => {
  const target = await createTestDatabase()
  onTestFinished(target.drop)
  await restore(configOf(target), { file, onBytes })
  expect(await wholeDataWithoutPolls(target)).toEqual(await wholeDataWithoutPolls(app.database))
})

it('refuses a database that is not empty, and changes nothing in it', async () => {
  const before = await wholeDataWithoutPolls(app.database)
  await expect(restore(configOf(app.database), { file, onBytes })).rejects.toThrow(/is not empty \(table \w+\)/)
  expect(await wholeDataWithoutPolls(app.database)).toEqual(before)
})

it.each([
  ['cut in the middle', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ['cut by its last byte', (bytes: Buffer) => bytes.subarray(0, -1)],
  ['with a flipped bit', (bytes: Buffer) => flipped(bytes, Math.floor(bytes.length / 2))],
  ['without its end', (bytes: Buffer) => gzipSync(gunzipSync(bytes).subarray(0, -80))],
  ['with another row', (bytes: Buffer) => gzipSync(replaced(gunzipSync(bytes), 'p3@example.com', 'q3@example.com'))],
  ['that is empty', () => Buffer.alloc(0)],
  ['that is no backup', () => Buffer.from('email,name\njane@example.com,Jane\n')],
])('refuses a file %s before it writes anything', async (_what, damage) => {
  const target = await emptyDatabase()
  const damaged = join(makeDataFolder(), 'damaged')
  writeFileSync(damaged, damage(readFileSync(file)))
  await expect(restore(configOf(target), { file: damaged, onBytes })).rejects.toThrow(
    /is damaged, cut, or no backup of Rex\. Nothing was written\./,
  )
  expect(await wholeData(target.environment.DATABASE_URL)).toEqual({})
})

it('leaves no file when it is stopped, and keeps the file of the last backup', async () => {
  const other = join(makeDataFolder(), 'stopped')
  writeFileSync(other, 'the last one')
  const stopping = new AbortController()
  const stopped = backup(configOf(app.database), {
    file: other,
    includesKeys: false,
    signal: stopping.signal,
    onBytes: () => stopping.abort(),
  })
  await expect(stopped).rejects.toThrow(/abort/i)
  expect(readdirSync(join(other, '..'))).toEqual(['stopped'])
  expect(readFileSync(other, 'utf8')).toBe('the last one')
})

it('says which keys are missing, and takes them along when it is asked to', async () => {
  const withKeys = join(makeDataFolder(), 'with-keys')
  await backup(configOf(app.database), {
    file: withKeys,
    includesKeys: true,
    signal: new AbortController().signal,
    onBytes,
  })
  const [first, second] = [await emptyDatabase(), await emptyDatabase()]
  expect(await restore(configOf(first), { file, onBytes })).toMatchObject({ storedKeys: false, missingKeys: ['k1'] })
  expect(await restore(configOf(second), { file: withKeys, onBytes })).toMatchObject({
    storedKeys: true,
    missingKeys: [],
  })
  const keys = (owner: OwnDatabase) => readFileSync(join(owner.environment.REX_DATA_DIR, 'encryption-keys'), 'utf8')
  expect(keys(second).trim()).toBe(keys(app.database).trim())
  expect(gunzipSync(readFileSync(file)).toString()).not.toContain(keys(app.database).trim())
})

function configOf({ environment }: OwnDatabase) {
  return readConfig(environment)
}

async function emptyDatabase(): Promise<OwnDatabase> {
  const target = await createEmptyDatabase()
  onTestFinished(target.drop)
  return target
}

/** Leaves out what a running service changes all the time. */
async function wholeDataWithoutPolls({ environment }: OwnDatabase): Promise<Record<string, string[]>> {
  const { reader_position: _, ...others } = await wholeData(environment.DATABASE_URL)
  return others
}

async function lastPosition({ environment }: OwnDatabase): Promise<number> {
  return withPlainClient(environment.DATABASE_URL, async (client) => {
    const { rows } = await client.query<{ last: string }>('select max(position)::text as last from event')
    return Number(rows[0]!.last)
  })
}

async function nextPosition({ environment }: OwnDatabase): Promise<number> {
  return withPlainClient(environment.DATABASE_URL, async (client) => {
    const { rows } = await client.query<{ last: string }>(
      `select pg_sequence_last_value(pg_get_serial_sequence('event', 'position'))::text as last`,
    )
    return Number(rows[0]!.last)
  })
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at]! ^= 1
  return copy
}

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  const copy = Buffer.from(bytes)
  copy.write(to, copy.indexOf(from))
  return copy
}
