import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { send } from '../support/http-client.ts'
import { hasPgbouncer, pooledDatabase } from '../support/pgbouncer.ts'
import { followEvents } from '../support/resuming-subscriber.ts'
import type { RexProcess } from '../support/rex-process.ts'
import { createEmptyDatabase, createTestDatabase, type OwnDatabase } from '../support/test-database.ts'
import { createEndpoint, graceMs, leaseMs, startRex } from './fault-parts.ts'
import { expectKept, sized } from './fault-report.ts'
import { adminKey, openLedger, startLoad } from './ledger.ts'

const perSecond = sized({ short: 60, whole: 150 })
const contacts = sized({ short: 12, whole: 60 })
const settingNames = [
  'TimeZone',
  'DateStyle',
  'IntervalStyle',
  'extra_float_digits',
  'lock_timeout',
  'statement_timeout',
]

describe.runIf(hasPgbouncer)('behind a PgBouncer that pools transactions', () => {
  it.for([
    ['with the address of the server', true],
    ['without the address of the server', false],
  ] as const)('two nodes serve as without it: %s', async ([, hasDirectUrl]) => {
    const { own, environment } = await pooledDatabase(createEmptyDatabase, hasDirectUrl)
    const ledger = await openLedger()
    const [one, other] = await Promise.all([startRex({ environment }), startRex({ environment })])
    await createEndpoint(one, ledger.receiver.url)
    const subscriber = await followEvents({ url: other.url, key: adminKey })

    const times = new Map<string, string>()
    await Promise.all(
      Array.from({ length: contacts }, async (_, nth) => {
        const { status, json } = await createApiClient({ url: one.url, key: adminKey }).capture({
          email: `lead-${nth}@example.com`,
        })
        expect(status).toBe(201)
        times.set(String(json.data?.['id']), String(json.data?.['created_at']))
      }),
    )
    for (const id of times.keys()) ledger.acknowledge(id)
    await ledger.arrives(performance.now())
    await eventually(
      () => subscriber.contactIds.length >= contacts,
      () => `${subscriber.contactIds.length} of ${contacts} events`,
    )
    expect(subscriber.contactIds.toSorted()).toEqual([...times.keys()].toSorted())
    expect(subscriber.connections).toBe(1)
    expect(await pageThrough(other)).toEqual(times)
    await expectRevokedOnBoth(one, other)
    expect(await sessionState(environment.DATABASE_URL)).toEqual(await sessionState(own.environment.DATABASE_URL))
    expect(await listeners(own)).toBe(hasDirectUrl ? 2 : 0)
  })

  it('its restarts under load cost no delivery and repeat none', async (context) => {
    const times = sized({ short: 2, whole: 20 })
    const { environment, pgbouncer } = await pooledDatabase(createTestDatabase, true)
    const ledger = await openLedger()
    const rex = await startRex({ environment }, { REX_LEASE_MS: '20000' })
    await createEndpoint(rex, ledger.receiver.url)
    const load = startLoad(rex.url, ledger, perSecond)
    let resumedMs = 0
    for (let time = 0; time < times; time++) {
      await ledger.acknowledges(ledger.acknowledged + 50)
      await pgbouncer.kill()
      await load.refuses(10)
      const failedAt = performance.now()
      await pgbouncer.start()
      resumedMs = Math.max(resumedMs, await ledger.arrives(failedAt))
    }
    await load.stop()
    await ledger.arrives(performance.now())
    const { acknowledged } = ledger
    const counts = { acknowledged, lost: ledger.lost(), duplicates: ledger.duplicates(), allowedDuplicates: 0 }
    expectKept(context, { fault: `PgBouncer killed, ${times} times`, ...counts, resumedMs }, leaseMs + graceMs)
  })
})

/** Ids and times of creation by two pages of GraphQL; throws when they are in another order. */
async function pageThrough(rex: RexProcess): Promise<Map<string, string>> {
  const client = createGraphqlClient({ url: rex.url, key: adminKey })
  const found: [string, string][] = []
  let after: string | null = null
  do {
    const { data } = await client(
      `query ($after: String) {
        contacts(first: 5, after: $after, orderBy: { field: CREATED_AT, direction: ASC }) {
          nodes { id createdAt } pageInfo { hasNextPage endCursor }
        }
      }`,
      { after },
    )
    const { nodes, pageInfo } = data['contacts'] as Contacts
    found.push(...nodes.map(({ id, createdAt }): [string, string] => [id, createdAt]))
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  } while (after !== null && found.length < 1000)
  const times = found.map(([, time]) => Date.parse(time))
  expect(times).toEqual(times.toSorted((one, other) => one - other))
  return new Map(found)
}

interface Contacts {
  readonly nodes: readonly { readonly id: string; readonly createdAt: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

/** Creates a key on one node, uses it on both, revokes it on one, and expects that both refuse it. */
async function expectRevokedOnBoth(one: RexProcess, other: RexProcess): Promise<void> {
  const admin = createGraphqlClient({ url: one.url, key: adminKey })
  const key = await createKey(admin, ['CONTACTS_READ', 'WEBHOOKS_READ'])
  const ask = ({ url }: RexProcess) => send(url, { path: '/webhooks', headers: { 'x-api-key': key } })
  expect((await Promise.all([one, other].map(ask))).map(({ status }) => status)).toEqual([200, 200])
  const { data } = await createGraphqlClient({ url: other.url, key })('{ viewer { id } }')
  const { id } = data['viewer'] as { id: string }
  await admin('mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }', { id })
  let seen = ''
  await eventually(
    async () => {
      seen = (await Promise.all([one, other].map(ask))).map(({ status }) => status).join()
      return seen === '401,401'
    },
    () => seen,
    5000,
  )
}

/** What a new client finds in a session: settings, prepared statements, locks and channels. */
async function sessionState(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const seen = []
    for (let nth = 0; nth < 10; nth++) {
      const { rows } = await client.query(
        `select (select json_object_agg(name, setting order by name) from pg_settings where name = any ($1)) as settings,
                (select count(*)::int from pg_prepared_statements) as prepared,
                (select count(*)::int from pg_listening_channels()) as channels,
                (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`,
        [settingNames.filter((name) => name !== 'TimeZone' && name !== 'DateStyle')],
      )
      seen.push(rows[0])
    }
    return seen
  } finally {
    await client.end()
  }
}

async function listeners({ environment }: OwnDatabase): Promise<number> {
  const client = new pg.Client({ connectionString: environment.DATABASE_URL })
  await client.connect()
  try {
    const { rows } = await client.query(
      `select from pg_stat_activity where datname = current_database() and application_name = 'rex-listen'`,
    )
    return rows.length
  } finally {
    await client.end()
  }
}
