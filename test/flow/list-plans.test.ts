import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { buffersOf, planForAnyValues, statementsOf } from '../support/explained.ts'
import { fillTables, plainSession } from '../support/many-rows.ts'
import { reachOf } from '../support/shards/reach.ts'
import { readPreparedStatements } from '../support/shards/statement-sources.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

/** REX_PLANS=10000000 sets the rows of each table, and then it prints what each list costs. */
const givenRows = process.env['REX_PLANS']
const rows = Number(givenRows ?? 100_000)
const fillMinutes = givenRows === undefined ? 10 : 60
/** Pages that an index begins and ends, with the rows below them. */
const indexed = 300
/** Pages that look at 2,000 rows. */
const walked = 1000

const orders = ['CREATED_AT', 'UPDATED_AT', 'LAST_SEEN_AT', 'EMAIL'].flatMap((field) =>
  ['ASC', 'DESC'].map((direction) => `contacts(ARGS, orderBy: { field: ${field}, direction: ${direction} })`),
)

const byIndex = [
  'contacts(ARGS, filter: { stage: { eq: "nobody" } })',
  'contacts(ARGS, filter: { createdAt: { lt: "2026-01-02T00:00:00Z" } })',
  'contacts(ARGS, search: "nobody")',
  ...orders,
  'submissions(ARGS)',
  'submissions(ARGS, filter: { status: [HELD] })',
  'submissions(ARGS, filter: { status: [SPAM] })',
  'submissions(ARGS, filter: { status: [HELD, SPAM] })',
  'submissions(ARGS, filter: { status: [HELD], receivedAt: { gte: "2026-01-01T00:00:00Z", lt: "2026-01-02T00:00:00Z" } })',
  'submissions(ARGS, filter: { receivedAt: { lt: "2026-02-01T00:00:00Z" } })',
  'submissions(ARGS, filter: { receivedAt: { gte: "2026-02-01T00:00:00Z", lt: "2026-02-02T00:00:00Z" } })',
  'events(ARGS)',
  'events(ARGS, types: ["webhook.failing"])',
  'events(ARGS, types: ["webhook.failing", "webhook.test"])',
  'events(ARGS, types: ["of.a.later.version"])',
  'events(ARGS, types: [])',
  'deliveries(ARGS)',
  'deliveries(ARGS, filter: { status: [FAILED] })',
  'deliveries(ARGS, filter: { status: [RETRYING] })',
  'deliveries(ARGS, filter: { status: [FAILED, HELD, CANCELED] })',
  'deliveries(ARGS, filter: { endpointId: "wh_small" })',
  'deliveries(ARGS, filter: { endpointId: "wh_big", status: [HELD] })',
  'deliveries(ARGS, filter: { endpointId: "wh_small", status: [FAILED, HELD] })',
  'deliveries(ARGS, filter: { contactId: "cont_big" })',
  'deliveries(ARGS, filter: { eventId: "EVENT" })',
  'deliveries(ARGS, filter: { eventId: "EVENT", status: [SUCCEEDED] })',
  'webhookEndpoints(ARGS)',
  'auditLog(ARGS)',
]

const byWalk = [
  'contacts(ARGS, filter: { source: { contains: "nowhere" } })',
  'contacts(ARGS, filter: { source: { isNull: false } }, orderBy: { field: EMAIL, direction: ASC })',
  'contacts(ARGS, filter: { metadata: [{ key: "nope", exists: true }] })',
  'contacts(ARGS, filter: { name: { isNull: false } })',
  'contacts(ARGS, filter: { not: { stage: { eq: "lead" } } })',
  'contacts(ARGS, filter: { stage: { eq: "lead" }, source: { isNull: false } })',
  'contacts(ARGS, filter: { or: [{ stage: { eq: "nobody" } }, { source: { isNull: false } }] })',
  'submissions(ARGS, filter: { status: [ACCEPTED] })',
  'submissions(ARGS, filter: { source: { eq: "rare" } })',
  'submissions(ARGS, filter: { source: { contains: "nowhere" } })',
  'submissions(ARGS, filter: { source: { isNull: true } })',
  'submissions(ARGS, filter: { status: [HELD], source: { startsWith: "nowhere" } })',
  'events(ARGS, types: ["contact.created"])',
  'events(ARGS, types: ["contact.created", "webhook.failing"])',
  'deliveries(ARGS, filter: { status: [PENDING] })',
  'deliveries(ARGS, filter: { status: [PENDING, RETRYING] })',
  'deliveries(ARGS, filter: { contactId: "cont_big", status: [FAILED] })',
  'deliveries(ARGS, filter: { contactId: "cont_big", endpointId: "wh_small" })',
  'deliveries(ARGS, filter: { createdAt: { lt: "2026-02-01T00:00:00Z" } })',
  'deliveries(ARGS, filter: { createdAt: { gte: "2026-02-01T00:00:00Z", lt: "2026-02-02T00:00:00Z" } })',
]

/** Below a parent. */
const children = [
  ['contact(by: { id: "CONTACT" })', 'submissions(ARGS)'],
  ['contact(by: { id: "CONTACT" })', 'events(ARGS)'],
  ['contact(by: { id: "CONTACT" })', 'deliveries(ARGS)'],
  ['webhookEndpoint(id: "wh_big")', 'deliveries(ARGS)'],
  ['webhookEndpoint(id: "wh_big")', 'deliveries(ARGS, status: [HELD])'],
  ['webhookEndpoint(id: "wh_big")', 'deliveries(ARGS, status: [FAILED, RETRYING])'],
  ['webhookEndpoint(id: "wh_big")', 'deliveries(ARGS, status: [PENDING])'],
  ['webhookEndpoint(id: "wh_big")', 'deliveries(ARGS, status: [SUCCEEDED, HELD])'],
  ['node(id: "EVENT")', '... on Event { deliveries(ARGS) BODY }'],
] as const

interface Page {
  readonly nodes: readonly { readonly id: string; readonly status?: string }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
}

/** The service sends them at any time, beside what is asked. */
const atAnyTime = new Set<string | undefined>([
  'select_one',
  'select_api_key',
  'select_good_api_keys',
  'select_good_sessions',
])

const body = '{ nodes { id } pageInfo { hasNextPage startCursor endCursor } }'

describe('17: in tables that have grown', () => {
  let app: TestApp
  let api: ApiClient
  let client: pg.Client
  let ids: { contact: string; event: string }

  beforeAll(async () => {
    app = await startTestApp({ REX_ROLE: 'api' })
    api = createApiClient(app)
    const url = app.database.environment.DATABASE_URL!
    client = new pg.Client({
      connectionString: url,
      options: plainSession,
    })
    await client.connect()
    const {
      rows: [workspace],
    } = await client.query<{ id: string }>('select id from workspace')
    await client.query(
      `insert into webhook_endpoint (workspace_id, id, url, secret, secret_hint)
       select $1, 'wh_' || name, 'https://example.com', '', '' from unnest(array['big', 'small']) as name`,
      [workspace!.id],
    )
    await fillTables({ url, workspaceId: workspace!.id, rows })
    const {
      rows: [found],
    } = await client.query<{ contact: string; event: string }>(
      `select contact_id as contact, id as event from event where workspace_id = $1 order by position offset $2 limit 1`,
      [workspace!.id, rows * 0.4],
    )
    ids = found!
  }, fillMinutes * 60_000)
  afterAll(async () => {
    await client?.end()
    await app?.stop()
  })

  const documentOf = (field: string, args: string) => {
    const named = field.replace('ARGS', args).replace('EVENT', ids.event).replace('CONTACT', ids.contact)
    return `{ ${named.includes('BODY') ? named.replace('BODY', body) : named.replace('LIST', body)} }`
  }
  const pageOf = async (document: string): Promise<Page> => {
    const { data, errors } = await api.graphql(document)
    expect(errors).toBeUndefined()
    const [value] = Object.values(data as Record<string, object>)
    return (value && 'nodes' in value ? value : Object.values(value!)[0]) as Page
  }
  const costOf = async (document: string): Promise<number> => {
    const sent = await statementsOf(() => pageOf(document))
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.filter((each) => !atAnyTime.has(each.name) && reachOf(each.text) !== 'one')).toEqual([])
    let buffers = 0
    for (const each of sent) buffers += await buffersOf(client, each)
    return buffers
  }
  /** From the newest, from the oldest, and from a cursor near either end. */
  const costsOf = async (field: string): Promise<number[]> => {
    const newest = await pageOf(documentOf(field, 'first: 40'))
    const oldest = await pageOf(documentOf(field, 'last: 40'))
    const slices = [
      'first: 20',
      'last: 20',
      ...(oldest.pageInfo.startCursor ? [`first: 20, after: "${oldest.pageInfo.startCursor}"`] : []),
      ...(newest.pageInfo.endCursor ? [`last: 20, before: "${newest.pageInfo.endCursor}"`] : []),
    ]
    const costs: number[] = []
    for (const slice of slices) costs.push(await costOf(documentOf(field, slice)))
    if (givenRows !== undefined) console.log(costs.join(' '), field)
    return costs
  }

  it.each(byIndex)('%s reads its index', async (field) => {
    expect(Math.max(...(await costsOf(`${field} LIST`)))).toBeLessThan(indexed)
  })

  it.each(byWalk)('%s looks at a bounded number of rows', async (field) => {
    expect(Math.max(...(await costsOf(`${field} LIST`)))).toBeLessThan(walked)
  })

  it('finds the rare ones, and goes on to them where it looks at a part', async () => {
    for (const status of ['HELD', 'SPAM'])
      expect(
        (await pageOf(documentOf(`submissions(ARGS, filter: { status: [${status}] }) LIST`, 'first: 10'))).nodes,
      ).toHaveLength(10)
    for (const status of ['FAILED', 'HELD', 'CANCELED', 'RETRYING'])
      expect(
        (await pageOf(documentOf(`deliveries(ARGS, filter: { status: [${status}] }) LIST`, 'first: 10'))).nodes,
      ).toHaveLength(10)
    const first = await pageOf(documentOf('submissions(ARGS, filter: { source: { eq: "rare" } }) LIST', 'first: 10'))
    expect(first).toMatchObject({ nodes: [], pageInfo: { hasNextPage: true, endCursor: expect.any(String) } })
    const second = await pageOf(
      documentOf(
        'submissions(ARGS, filter: { source: { eq: "usual" } }) LIST',
        `first: 10, after: "${first.pageInfo.endCursor}"`,
      ),
    )
    expect(second.nodes).toHaveLength(10)
  })

  it('counts contacts of a filter without an index among the newest', async () => {
    const document = '{ contacts(first: 1, filter: { source: { isNull: false } }) { totalCount { value precision } } }'
    const { data } = await api.graphql(document)
    expect(data).toEqual({ contacts: { totalCount: { value: 0, precision: 'AT_LEAST' } } })
    expect(await costOf(document)).toBeLessThan(walked)
  })

  it.each(children)('%s has %s by an index', async (parent, field) => {
    expect(Math.max(...(await costsOf(`${parent} { ${field} ${field.includes('BODY') ? '' : 'LIST'} }`)))).toBeLessThan(
      walked,
    )
  })

  it('has one plan for each prepared statement that reads neither a whole table nor the log of others', async () => {
    const whole = /Seq Scan on (?:contact|submission|event|delivery|attempt|audit_entry)\b|Hash Join .*\n.*Seq Scan/
    const ofOthers = /using event_position_idx on event\b.*\n(?: *Index Cond.*\n)? *Filter: .*workspace_id = /
    const prepared = (await readPreparedStatements()).filter(({ text }) =>
      /^\s*(?:select|with|update|delete)/.test(text),
    )
    expect(prepared.length).toBeGreaterThan(100)
    const bad = []
    for (const { name, text } of prepared) {
      const plan = await planForAnyValues(client, text)
      if (whole.test(plan) || ofOthers.test(plan)) bad.push(name)
    }
    expect(bad).toEqual([])
  })
})
