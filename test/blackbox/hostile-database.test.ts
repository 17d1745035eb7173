import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { type HostileSettings, makeHostile } from '../support/hostile-settings.ts'
import { onServer } from '../support/on-server.ts'
import { runRex, runRexCommand, startRexProcess } from '../support/rex-process.ts'
import { createEmptyDatabase, createTestDatabase, type OwnDatabase } from '../support/test-database.ts'

const key = 'hostile-admin-key-0123456789abcdef'

/** Each on its own, since one may hide another. */
const hostile: [string, HostileSettings, Record<string, string>][] = [
  ['the time zone Asia/Kathmandu', { timezone: 'Asia/Kathmandu' }, {}],
  ['the time zone America/St_Johns', { timezone: 'America/St_Johns' }, { TZ: 'America/St_Johns' }],
  ['the DateStyle German', { datestyle: 'German' }, {}],
  ['the DateStyle SQL, DMY', { datestyle: 'SQL, DMY' }, {}],
  ['the DateStyle Postgres', { datestyle: 'Postgres, YMD' }, {}],
  ['serializable transactions', { default_transaction_isolation: 'serializable' }, {}],
  ['other literals and arrays', { standard_conforming_strings: 'off', array_nulls: 'off' }, {}],
  ['a hostile environment', {}, { PGOPTIONS: '-c timezone=Asia/Kathmandu -c datestyle=German', TZ: 'Asia/Kathmandu' }],
]

describe('npm start on a server of somebody else', () => {
  it.each(hostile)('20: with %s pages through all contacts and keeps times exact', async (_, settings, environment) => {
    const own = await ownDatabase(createTestDatabase)
    await onServer(urlOf(own), `alter database ${nameOf(own)} reset all`)
    if (Object.keys(settings).length > 0) await onServer(urlOf(own), makeHostile(nameOf(own), settings))
    const api = await start({ ...own.environment, ...environment })
    const before = Date.now()
    const times = new Map<string, string>()
    for (let nth = 0; nth < 12; nth++) {
      const { status, json } = await api.capture({ email: `jane${nth}@example.com`, utm_source: 'news' })
      expect(status).toBe(201)
      times.set(String(json.data!['id']), String(json.data!['created_at']))
    }
    const after = Date.now()

    for (const field of ['CREATED_AT', 'UPDATED_AT', 'LAST_SEEN_AT'])
      for (const direction of ['ASC', 'DESC'])
        expect(await pageThrough(api, `orderBy: { field: ${field}, direction: ${direction} }`)).toEqual(times)
    const range = (from: number, to: number) =>
      `filter: { createdAt: { gte: "${new Date(from).toISOString()}", lt: "${new Date(to).toISOString()}" } }`
    expect(await pageThrough(api, range(before, after + 1))).toEqual(times)
    expect(await pageThrough(api, range(0, before))).toEqual(new Map())
    expect(await pageThrough(api, range(after + 1, after + 86_400_000))).toEqual(new Map())
    for (const time of times.values()) expect(Date.parse(time)).toBeGreaterThanOrEqual(before)
    for (const time of times.values()) expect(Date.parse(time)).toBeLessThanOrEqual(after)
    await expectSameTimesOfEndpoint(api)
  })

  it('20: a role with a schema of its own keeps its tables there, for REST and GraphQL alike', async () => {
    const { own, role, environment } = await ownRole()
    await onServer(urlOf(own), `create schema ${role} authorization ${role}`)
    const api = await start(environment)
    expect((await api.capture({ email: 'jane@example.com' })).status).toBe(201)
    expect(await pageThrough(api, 'search: "jane"')).toHaveProperty('size', 1)
    await expectSameTimesOfEndpoint(api)
  })

  it.each(['SQL_ASCII', 'LATIN1'])(
    '20: is refused a database in %s, and takes the one that it names',
    async (encoding) => {
      const own = await ownDatabase(createEmptyDatabase)
      const name = `${nameOf(own)}_${encoding.toLowerCase()}`
      const how = `template template0 encoding '${encoding}' locale_provider libc lc_collate 'C' lc_ctype 'C'`
      await onServer(serverUrl(), `create database ${name} ${how}`)
      onTestFinished(() => onServer(serverUrl(), `drop database ${name} with (force)`))
      const environment = { ...own.environment, DATABASE_URL: withDatabase(urlOf(own), name) }
      const mend = await refusalOf(environment, `encoded in ${encoding}`)
      await onServer(serverUrl(), mend)
      onTestFinished(() => onServer(serverUrl(), `drop database ${name}_utf8 with (force)`))
      await start({ ...environment, DATABASE_URL: withDatabase(urlOf(own), `${name}_utf8`) })
    },
  )

  it('20: is refused by a role that may not create tables, and starts once it may', async () => {
    const { own, environment } = await ownRole()
    await onServer(urlOf(own), await refusalOf(environment, 'may not create tables in the schema "public"'))
    await start(environment)
  })

  it.each(["''", 'nowhere'])(
    '20: is refused by a role whose search path is %s, and starts once it is not',
    async (path) => {
      const { own, role, environment } = await ownRole()
      await onServer(urlOf(own), `alter role ${role} in database ${nameOf(own)} set search_path = ${path}`)
      await onServer(urlOf(own), await refusalOf(environment, 'no schema to create tables in'))
      await start(environment)
    },
  )

  it('20: is refused by a role that may not use the tables of another, and starts once it may', async () => {
    const { own, environment } = await ownRole(createTestDatabase)
    await onServer(urlOf(own), `grant create on schema public to public`)
    await onServer(
      urlOf(own),
      await refusalOf(environment, `the tables belong to the role "${new URL(serverUrl()).username}"`),
    )
    await start(environment)
  })

  it('20: is refused by a server that only reads, and starts once it writes', async () => {
    const { own, role, environment } = await ownRole(createTestDatabase)
    await onServer(
      urlOf(own),
      `alter schema public owner to ${role}; grant all on all tables in schema public to ${role}`,
    )
    await onServer(urlOf(own), `grant all on all sequences in schema public to ${role}`)
    await onServer(urlOf(own), `alter database ${nameOf(own)} set default_transaction_read_only = on`)
    await onServer(urlOf(own), `begin read write; ${await refusalOf(environment, 'only read')} commit`)
    await start(environment)
  })
})

/** The statement that a refusal names: all of the output is one line, of `rex migrate` too. */
async function refusalOf(environment: Readonly<Record<string, string>>, problem: string): Promise<string> {
  const [served, migrated] = await Promise.all([runRex(environment), runRexCommand(environment, 'migrate')])
  expect(served).toEqual({ code: 1, output: expect.stringMatching(/^DATABASE_URL: [^\n]+ [A-Z][^\n:]+: [^\n]+;\n$/) })
  expect(served.output).toContain(problem)
  expect(migrated).toEqual(served)
  return served.output.slice(served.output.lastIndexOf(': ') + 2)
}

async function start(environment: Readonly<Record<string, string>>): Promise<ApiClient> {
  const { url, signal } = await startRexProcess({ ...environment, REX_API_KEY: key })
  onTestFinished(async () => void (await signal('SIGKILL')))
  return createApiClient({ url, key })
}

/** Ids and times of creation, in pages of five; it gives up on a list that does not end. */
async function pageThrough(api: ApiClient, args: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  let after: string | null = null
  for (let page = 0; page < 4; page++) {
    const { data } = await api.graphql(
      `query ($after: String) {
        contacts(first: 5, after: $after, ${args}) { nodes { id createdAt } pageInfo { hasNextPage endCursor } }
      }`,
      { after },
    )
    const { nodes, pageInfo } = (data as unknown as Contacts).contacts
    for (const { id, createdAt } of nodes) found.set(id, createdAt)
    if (!pageInfo.hasNextPage) return found
    after = pageInfo.endCursor
  }
  throw new Error('The list does not end.')
}

interface Contacts {
  readonly contacts: {
    readonly nodes: readonly { readonly id: string; readonly createdAt: string }[]
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  }
}

async function expectSameTimesOfEndpoint(api: ApiClient): Promise<void> {
  const before = Date.now()
  const { id } = await api.createEndpoint({ url: 'https://example.com/hook' })
  const { json } = await api.rest('GET', `/webhooks/${id}`)
  const { data } = await api.graphql(`query ($id: ID!) { webhookEndpoint(id: $id) { createdAt } }`, { id })
  const times = [
    json.data!['created_at'],
    (data as unknown as { webhookEndpoint: { createdAt: string } }).webhookEndpoint.createdAt,
  ]
  expect(times[0]).toBe(times[1])
  expect(Math.abs(Date.parse(String(times[0])) - before)).toBeLessThan(60_000)
}

async function ownDatabase(create: typeof createTestDatabase): Promise<OwnDatabase> {
  const own = await create()
  onTestFinished(() => own.drop())
  return own
}

/** A role that may make extensions in a database of its own, and nothing else. */
async function ownRole(create: typeof createTestDatabase = createEmptyDatabase) {
  const own = await ownDatabase(create)
  const role = `rex_test_${crypto.randomUUID().replaceAll('-', '')}`
  await onServer(serverUrl(), `create role ${role} login; grant create on database ${nameOf(own)} to ${role}`)
  // Before the database is dropped: vitest runs what was added last first.
  onTestFinished(() =>
    onServer(urlOf(own), `begin read write; drop owned by ${role} cascade; drop role ${role}; commit`),
  )
  const url = new URL(urlOf(own))
  url.username = role
  return { own, role, environment: { ...own.environment, DATABASE_URL: url.href } }
}

function serverUrl(): string {
  return inject('serverUrl')
}

function urlOf({ environment }: OwnDatabase): string {
  return environment.DATABASE_URL!
}

function nameOf(own: OwnDatabase): string {
  return new URL(urlOf(own)).pathname.slice(1)
}

function withDatabase(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.href
}
