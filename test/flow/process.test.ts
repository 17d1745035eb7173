import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { settingsHelp } from '../../src/config/config.ts'
import { readMigrations } from '../../src/database/migrate.ts'
import { createApiClient } from '../support/api-client.ts'
import { queryAs, signIn } from '../support/browser-session.ts'
import { eventually } from '../support/eventually.ts'
import { unusedPort } from '../support/misbehaving-receivers.ts'
import { openRaw, parseRaw } from '../support/raw-http.ts'
import { startRefusingDatabase } from '../support/refusing-database.ts'
import { type RexProcess, runRex, runRexCommand, startRexProcess } from '../support/rex-process.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { createEmptyDatabase, createTestDatabase } from '../support/test-database.ts'

const key = 'process-test-key-0123456789-0123456789'

describe('a process', () => {
  it('prints its settings on --help, and starts nothing', async () => {
    const { code, output } = await runRex({ PORT: 'nonsense' }, '--help')
    expect(code).toBe(0)
    expect(output).toContain(settingsHelp())
  })

  it.each([
    ['the server', runRex],
    ['rex migrate', (environment: Record<string, string>) => runRexCommand(environment, 'migrate')],
  ])('that is %s names every bad setting in one message without its value, and exits 1', async (_, run) => {
    const bad = { PORT: '99999', REX_ROLE: 'boss', DATABASE_URL: 'mysql://me:hunter2@db/x', REX_API_KEY: 'too-short' }
    const { code, output } = await run(bad)
    expect(code).toBe(1)
    expect(output).toMatch(/^These settings are invalid:\n {2}PORT: .+\n {2}DATABASE_URL: .+\n/)
    expect(output.trim().split('\n')).toHaveLength(1 + Object.keys(bad).length)
    for (const [name, value] of Object.entries(bad)) {
      expect(output).toContain(`  ${name}: `)
      expect(output).not.toContain(value)
    }
  })

  it.each([
    ['npm start -- --bogus', () => runRex({}, '--bogus')],
    ['npm start -- migrate', () => runRex({}, 'migrate')],
    ['rex serve --help --bogus', () => runRexCommand({}, 'serve', '--help', '--bogus')],
  ])('starts nothing on an argument that it does not know, and points to --help: %s', async (_, run) => {
    expect(await run()).toEqual({ code: 2, output: 'Unknown argument. See --help.\n' })
  })

  it.each([
    ['migrat', "error: unknown command 'migrat'\n(Did you mean migrate?)\n"],
    ['--bogus', "error: unknown option '--bogus'\n"],
  ])('starts nothing on `rex %s`, and points to --help', async (parameter, told) => {
    expect(await runRexCommand({}, parameter)).toEqual({ code: 2, output: `${told}See --help of this command.\n` })
    const { code, output } = await runRexCommand({}, 'migrate', '--bogus')
    expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining("unknown option '--bogus'") })
  })

  it('prints its settings on `rex serve --help`', async () => {
    const { code, output } = await runRexCommand({ PORT: 'nonsense' }, 'serve', '--help')
    expect({ code, told: output.includes(settingsHelp()) }).toEqual({ code: 0, told: true })
  })

  it.each([
    ['HOST', 'a name of nobody', { HOST: 'not_a_host' }],
    ['HOST', "another machine's address", { HOST: '203.0.113.7' }],
  ] as const)('says in one line that %s is %s, and exits 1', async (name, _, settings) => {
    const { environment } = await ownDatabase()
    const { code, output } = await runRex({ ...environment, ...settings })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(new RegExp(`^${name}: [^\n]+\\n$`)) })
  })

  it('says that its port is taken and what to do, and nothing else, and exits 1', async () => {
    const { environment } = await ownDatabase()
    const PORT = await usedPort()
    expect(await runRex({ ...environment, PORT })).toEqual({
      code: 1,
      output: `Port ${PORT} is taken by another process. Start with another one: PORT=4010 npm start. PORT=0 picks a free one.\n`,
    })
  })

  it.each([
    ['a port where nobody listens', 'cannot be reached', unusedPort],
    ['a user or password that is wrong', 'refuses this user or password', () => startRefusingDatabase('28P01')],
    ['no database of that name', 'has no database of this name', () => startRefusingDatabase('3D000')],
    ['no connection left', 'refuses the connection', () => startRefusingDatabase('53300')],
  ] as const)('says in one line that DATABASE_URL leads to %s, and exits 1', async (_, told, port) => {
    const DATABASE_URL = `postgresql://rex:hunter2@127.0.0.1:${await port()}/leads`
    const { REX_DATA_DIR } = (await ownDatabase()).environment
    for (const run of [
      runRex({ DATABASE_URL, REX_DATA_DIR }),
      runRexCommand({ DATABASE_URL, REX_DATA_DIR }, 'migrate'),
    ]) {
      const { code, output } = await run
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/^DATABASE_URL: [^\n]+\n$/) })
      expect(output).toContain(told)
      expect(output).not.toContain('hunter2')
    }
  })
})

describe('a process on a database', () => {
  it('11.14: exits with 1 and one line for a new REX_API_KEY of less than 32 characters', async () => {
    const { environment } = await ownDatabase()
    const { code, output } = await runRex({ ...environment, REX_API_KEY: 'k'.repeat(31) })
    expect(code).toBe(1)
    expect(output).toContain('REX_API_KEY: must have at least 32 characters')
    expect(output).not.toMatch(/kkkk|\n +at /)
  })

  it('takes REX_API_KEY as the ADMIN key, and never prints it', async () => {
    const { environment } = await ownDatabase()
    const rex = await startOwn({ ...environment, REX_API_KEY: key })
    expect(await scopesOf(rex.url, key)).toEqual(['ADMIN'])
    expect(rex.output()).not.toContain(key)
    expect(rex.output()).not.toContain('API key')
  })

  it('answers nobody without a key on a bare host when REX_DEFAULT_WORKSPACE is empty, and takes its key', async () => {
    const database = await createEmptyDatabase()
    onTestFinished(() => database.drop())
    const rex = await startOwn({ ...database.environment, REX_DEFAULT_WORKSPACE: '', REX_API_KEY: key })
    expect(await scopesOf(rex.url, key)).toEqual(['ADMIN'])
    const api = createApiClient({ url: rex.url, key })
    const lead = { email: 'jane@example.com' }
    expect(await api.capture(lead)).toMatchObject({ status: 404, json: { error: { code: 'workspace_not_found' } } })
    expect((await api.capture(lead, { 'x-api-key': key })).status).toBe(201)
  })

  it('prints the key that it makes once, and keeps it for its owner alone', async () => {
    const database = await createEmptyDatabase()
    onTestFinished(() => database.drop())
    const first = await startOwn(database.environment)
    const [printed = '', ...others] = first.output().match(/\brex_\w+/g) ?? []
    expect(others).toEqual([])
    const path = join(database.environment.REX_DATA_DIR, 'api-key')
    expect(await readFile(path, 'utf8')).toBe(`${printed}\n`)
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600')
    expect(await scopesOf(first.url, printed)).toEqual(['ADMIN'])

    expect(await first.signal('SIGTERM')).toBe(0)
    const second = await startOwn(database.environment)
    expect(second.output()).not.toMatch(/rex_\w+|API key/)
    expect(await scopesOf(second.url, printed)).toEqual(['ADMIN'])
  })

  it('keeps its address for the commands of its folder while it runs, if its key is there', async () => {
    const database = await createEmptyDatabase()
    onTestFinished(() => database.drop())
    const { environment } = database
    const first = await startOwn(environment)
    const path = join(environment.REX_DATA_DIR, 'server-url')
    expect(await readFile(path, 'utf8')).toBe(`${first.url}\n`)
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600')
    const second = await startOwn({ ...environment, REX_PROCESSES: '2' })
    expect(await readFile(path, 'utf8')).toBe(`${second.url}\n`)
    await first.signal('SIGTERM')
    const client = { PORT: '', XDG_CONFIG_HOME: environment.REX_DATA_DIR, REX_DATA_DIR: environment.REX_DATA_DIR }
    expect(await runRexCommand(client, 'contacts', 'list')).toMatchObject({ code: 0 })
    await second.signal('SIGTERM')
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  it('prints a link to the dashboard that signs in once', async () => {
    const database = await createTestDatabase()
    onTestFinished(() => database.drop())
    const rex = await startOwn({ ...database.environment, REX_API_KEY: key })
    await eventually(() => rex.output().includes('/#/sign-in/'), rex.output)
    const [, url, token] = /^ {2}(http\S+)\/#\/sign-in\/([\w-]{43})$/m.exec(rex.output()) ?? []
    expect(url).toBe(rex.url)
    const { headers } = await signIn(rex.url, { token })
    expect((await queryAs(rex.url, headers, '{ viewer { scopes } }')).text).toContain('["ADMIN"]')
  })

  it('prints no such link in production where no terminal is', async () => {
    const database = await createTestDatabase()
    onTestFinished(() => database.drop())
    const production = { NODE_ENV: 'production', REX_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}` }
    const rex = await startOwn({ ...database.environment, REX_API_KEY: key, ...production })
    expect(rex.output()).toContain('Send a lead')
    expect(rex.output()).not.toContain('sign-in')
  })

  it('migrates on `rex migrate`, tells what it ran, and finds nothing to run again', async () => {
    const database = await createEmptyDatabase()
    onTestFinished(() => database.drop())
    const ran = readMigrations().map(({ name }) => `Ran ${name}\n`)
    expect(await runRexCommand(database.environment, 'migrate')).toEqual({ code: 0, output: ran.join('') })
    expect(await runRexCommand(database.environment, 'migrate')).toEqual({
      code: 0,
      output: 'The database is up to date.\n',
    })
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('answers what has begun after a %s, then exits 0', async (signal) => {
    const { environment } = await ownDatabase()
    const rex = await startOwn({ ...environment, REX_API_KEY: key })
    await using subscriber = await connectSubscriber(
      { url: rex.url, key },
      { query: 'subscription { contactCreated { eventId } }' },
    )
    const socketClosed = once(subscriber.socket, 'close')
    const ready = await openRaw(rex.url, 'GET /readyz HTTP/1.1\r\nHost: localhost\r\n')
    const body = JSON.stringify({ email: 'late@example.com' })
    const head = `POST /capture HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json`
    const capture = await openRaw(rex.url, `${head}\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`)
    const goOn = 'HTTP/1.1 100 Continue\r\n\r\n'
    await eventually(() => capture.received() === goOn, capture.received)

    const start = performance.now()
    const exited = rex.signal(signal)
    const [code] = await socketClosed
    expect(code).toBe(1001)
    expect(parseRaw(await ready.finish('\r\n'))).toMatchObject({
      status: 503,
      json: { error: { code: 'unavailable' } },
    })
    const captured = (await capture.finish(body)).slice(goOn.length)
    expect(parseRaw(captured)).toMatchObject({ status: 201, json: { data: { email: 'late@example.com' } } })
    expect(await exited).toBe(0)
    expect(performance.now() - start).toBeLessThan(25_000)
    await expect(fetch(`${rex.url}/healthz`)).rejects.toThrow()
  })
})

async function ownDatabase() {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  return database
}

/** A port of this machine that another listens on. */
async function usedPort(): Promise<string> {
  const server = createServer()
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return String((server.address() as AddressInfo).port)
}

/** A process that the test's end stops. */
async function startOwn(environment: Readonly<Record<string, string>>): Promise<RexProcess> {
  const rex = await startRexProcess(environment)
  onTestFinished(async () => {
    await rex.signal('SIGTERM')
  })
  return rex
}

async function scopesOf(url: string, apiKey: string): Promise<unknown> {
  const { data } = await createApiClient({ url, key: apiKey }).graphql('{ viewer { scopes } }')
  return (data as { viewer: { scopes: unknown } }).viewer.scopes
}
