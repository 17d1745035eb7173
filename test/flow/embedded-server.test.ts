import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { makeDataFolder } from '../support/data-folder.ts'
import { eventually } from '../support/eventually.ts'
import { type RexProcess, runRex, runRexCommand, startRexProcess } from '../support/rex-process.ts'

const key = 'embedded-test-key-0123456789-0123456789'
const timeout = 60_000

describe('a process without DATABASE_URL', { timeout }, () => {
  it.each([
    ['a usual path', 'data'],
    ['a path with a space and a quote', "my leads' data"],
    ['a path too long for a socket', 'long-'.repeat(24)],
  ])('starts a PostgreSQL in %s, and prints how psql reaches it', async (_, name) => {
    const folder = join(makeDataFolder(), name)
    const { api, rex } = await startIn(folder)
    expect((await api.capture({ email: 'jane@example.com' })).status).toBe(201)
    const [, line = ''] = /^Database: embedded PostgreSQL in .* \((psql .*)\)$/m.exec(rex.output()) ?? []
    const [, host = ''] = /^psql -h (.+) -U rex rex$/.exec(line) ?? []
    const { rows } = await ask(unquoted(host), 'select email from contact')
    expect(rows).toEqual([{ email: 'jane@example.com' }])
  })

  it('listens to its socket alone, in a folder for its user alone, and syncs what it commits', async () => {
    const folder = makeDataFolder()
    await startIn(folder)
    const { rows } = await ask(
      join(folder, 'socket'),
      `select current_setting('listen_addresses') as addresses, current_setting('fsync') as fsync,
              current_setting('synchronous_commit') as commit, current_setting('unix_socket_permissions') as mode`,
    )
    expect(rows).toEqual([{ addresses: '', fsync: 'on', commit: 'on', mode: '0700' }])
  })

  it('stops it in order, and finds everything at the next start', async () => {
    const folder = makeDataFolder()
    const first = await startIn(folder)
    await first.api.capture({ email: 'jane@example.com' })
    const server = serverIn(folder)
    const { length } = first.rex.output()
    expect(await first.rex.signal('SIGTERM')).toBe(0)
    expect(isRunning(server)).toBe(false)
    expect(first.rex.output().slice(length)).not.toMatch(/"level":"(?:warn|error)"/)
    const second = await startIn(folder)
    expect(await emailsOf(second.api)).toEqual(['jane@example.com'])
  })

  it('takes it down when the process is killed, and recovers at the next start', async () => {
    const folder = makeDataFolder()
    const first = await startIn(folder)
    await first.api.capture({ email: 'jane@example.com' })
    const server = serverIn(folder)
    await first.rex.signal('SIGKILL')
    await ends(server)
    const second = await startIn(folder)
    expect(await emailsOf(second.api)).toEqual(['jane@example.com'])
  })

  it('starts it again when it is killed, says so, and goes on', async () => {
    const folder = makeDataFolder()
    const { api, rex } = await startIn(folder)
    await api.capture({ email: 'jane@example.com' })
    const server = serverIn(folder)
    process.kill(server, 'SIGKILL')
    await eventually(
      () => rex.output().includes('"event":"embedded_database.restarted"'),
      () => rex.output(),
      30_000,
    )
    expect(rex.output()).toContain('"event":"embedded_database.ended"')
    await eventually(
      async () => (await api.capture({ email: 'joe@example.com' })).status === 201,
      () => rex.output(),
    )
    expect(await emailsOf(api)).toEqual(['joe@example.com', 'jane@example.com'])
  })

  it('shares it with other processes, of which another takes it over when the first ends', async () => {
    const folder = makeDataFolder()
    const first = await startIn(folder)
    const second = await startIn(folder)
    await first.api.capture({ email: 'jane@example.com' })
    expect(await emailsOf(second.api)).toEqual(['jane@example.com'])
    const { code, output } = await runRexCommand({ REX_DATA_DIR: folder }, 'migrate')
    expect({ code, output }).toEqual({ code: 0, output: 'The database is up to date.\n' })
    expect(await second.rex.signal('SIGTERM')).toBe(0)
    expect((await first.api.capture({ email: 'joe@example.com' })).status).toBe(201)
    const third = await startIn(folder)
    expect(await first.rex.signal('SIGTERM')).toBe(0)
    await eventually(
      async () => (await third.api.capture({ email: 'ann@example.com' })).status === 201,
      () => third.rex.output(),
      30_000,
    )
    const server = serverIn(folder)
    expect(await third.rex.signal('SIGTERM')).toBe(0)
    expect(isRunning(server)).toBe(false)
  })

  it('starts although another program has the process id that a crash left behind', async () => {
    const folder = makeDataFolder()
    const first = await startIn(folder)
    const file = join(folder, 'postgresql', 'postmaster.pid')
    const left = readFileSync(file, 'utf8')
    await first.rex.signal('SIGTERM')
    writeFileSync(file, left.replace(/^\d+/, String(process.pid)), { mode: 0o600 })
    const second = await startIn(folder)
    expect((await second.api.capture({ email: 'jane@example.com' })).status).toBe(201)
  })

  it.each([
    ['files of another major version', /the files in \S+ are of PostgreSQL 12, .*pg_dump/, '12'],
    ['the database of Rex 0.1', /holds the database of Rex 0\.1.* Run "npx rex import-embedded" once/, undefined],
  ])('says in one line that the folder holds %s, and exits 1', async (_, expected, version) => {
    const folder = makeDataFolder()
    const files = join(folder, version === undefined ? 'database' : 'postgresql')
    await mkdir(files, { mode: 0o700 })
    writeFileSync(join(files, 'PG_VERSION'), `${version ?? '17'}\n`)
    const { code, output } = await runRex({ REX_DATA_DIR: folder, LOG_LEVEL: 'warn' })
    expect(code).toBe(1)
    expect(output).toMatch(expected)
    expect(output.trim().split('\n')).toHaveLength(1)
    expect(output).toContain('DATABASE_URL')
  })

  it('finishes what a start that was killed had begun to make', async () => {
    const folder = makeDataFolder()
    await startIn(folder).then(({ rex }) => rex.signal('SIGTERM'))
    renameSync(join(folder, 'postgresql'), join(folder, 'postgresql.new-1'))
    rmSync(join(folder, 'postgresql.new-1', 'PG_VERSION'))
    const { api } = await startIn(folder)
    expect((await api.capture({ email: 'jane@example.com' })).status).toBe(201)
  })
})

async function startIn(folder: string): Promise<{ rex: RexProcess; api: ApiClient }> {
  const rex = await startRexProcess({ REX_DATA_DIR: folder, REX_API_KEY: key })
  onTestFinished(async () => void (await rex.signal('SIGTERM')))
  return { rex, api: createApiClient({ url: rex.url, key }) }
}

async function emailsOf(api: ApiClient): Promise<unknown[]> {
  const { data } = await api.graphql('{ contacts(first: 10) { nodes { email } } }')
  const { nodes } = (data as { contacts: { nodes: { email: string }[] } }).contacts
  return nodes.map(({ email }) => email)
}

async function ask(host: string, sql: string) {
  const client = new pg.Client({ host, user: 'rex', database: 'rex' })
  await client.connect()
  return client.query(sql).finally(() => client.end())
}

/** As the shell reads it. */
function unquoted(word: string): string {
  return word.startsWith("'") ? word.slice(1, -1).replaceAll(`'\\''`, "'") : word
}

function serverIn(folder: string): number {
  return Number(readFileSync(join(realpathSync(folder), 'postgresql', 'postmaster.pid'), 'utf8').split('\n')[0])
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function ends(pid: number): Promise<void> {
  return eventually(
    () => !isRunning(pid),
    () => `${pid} runs`,
    10_000,
  )
}
