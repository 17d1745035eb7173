import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/app/app.ts'
import { pruneSources } from '../../src/capture/source/source-retention.ts'
import { readCaptureStats } from '../../src/capture/stats.ts'
import { pruneCaptures, pruneRawFields } from '../../src/capture/submission-retention.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Database } from '../../src/database/database.ts'
import { createLog } from '../../src/platform/log.ts'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient } from '../support/graphql-client.ts'
import { startReceiver } from '../support/receiver.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'
import { openOwn, runSql } from '../support/test-parts.ts'

const key = 'index-use-key-0123456789-0123456789'
const hotTables = ['contact', 'submission', 'idempotency_key', 'spent_proof', 'event', 'delivery', 'attempt']
const rows = 4000
/** They are read as bitmaps, which are off here; search-plan.test.ts shows the first. */
const gin = ['contact_search_idx', 'submission_raw_emails_idx']

/**
 * An index that nothing reads costs every write and serves nobody. The service does all that it can do on tables with some
 * thousand rows, where the planner may read no table from end to end: what it has not read an index for by then, it never
 * does. Keys and unique indexes are there for what they refuse.
 */
describe('11.17: the indexes of the hot tables', () => {
  let own: OwnDatabase
  let database: Database

  beforeAll(async () => {
    own = await createTestDatabase()
    database = await openOwn(own)
    await fill(database)
  })
  afterAll(async () => {
    await database.close()
    await own.drop()
  })

  it('each serve a statement', async () => {
    const url = new URL(own.environment.DATABASE_URL!)
    url.searchParams.set('options', '-c enable_seqscan=off -c enable_bitmapscan=off')
    await doEverything({ ...own.environment, DATABASE_URL: url.href })
    const unused = async () =>
      (
        await runSql<{ name: string }>(
          database,
          `select used.indexrelname as name
           from pg_stat_user_indexes used
           join pg_index on pg_index.indexrelid = used.indexrelid
           where used.relname = any ($1::text[]) and not pg_index.indisunique and used.idx_scan = 0
             and used.indexrelname <> all ($2::text[])
           order by 1`,
          [hotTables, gin],
        )
      ).map(({ name }) => name)
    await eventually(
      async () => (await unused()).length === 0,
      async () => `no statement has used ${await unused()}`,
    )
  })
})

async function doEverything(environment: Record<string, string>): Promise<void> {
  const app = createApp(
    readConfig({ PORT: '0', REX_API_KEY: key, REX_CAPTURE_RATE: '0', REX_DRAIN_MS: '0', ...environment }),
    createLog('silent'),
  )
  const { url } = await app.start()
  const receiver = await startReceiver()
  const api = createApiClient({ url, key })
  const graphql = createGraphqlClient({ url, key })
  const ask = async (query: string, variables = {}) => {
    const { errors, data } = await graphql(query, variables)
    expect(errors).toEqual([])
    return data
  }
  await ask('mutation { createSource(input: { name: "Form" }) { __typename } }')
  const { id: endpointId } = await api.createEndpoint({ url: receiver.url, events: ['*'] })
  const { json } = await api.capture({ email: 'jane@example.com' }, { 'idempotency-key': 'one' })
  const contactId = String(json.data?.['id'])
  await api.capture({ email: 'jane@example.com', first_name: 'Jane' })
  await receiver.received(2)
  const page = 'first: 5) { nodes { id } pageInfo { hasNextPage } }'
  for (const field of ['CREATED_AT', 'UPDATED_AT', 'LAST_SEEN_AT', 'EMAIL'])
    await ask(`{ contacts(orderBy: { field: ${field} }, ${page} }`)
  await ask(`{ contacts(search: "lead-17", ${page} submissions(${page} events(${page} deliveries(${page} }`)
  await ask(`query ($id: ID!) { contact(by: { id: $id }) { submissions(${page} events(${page} deliveries(${page} } }`, {
    id: contactId,
  })
  await ask(`{ submissions(filter: { status: [HELD] }, ${page} }`)
  await ask(`{ sources(first: 5) { nodes { stats24h { held } submissions(${page} } } }`)
  await ask(`{ sources(first: 5) { nodes { submissions(status: [HELD], ${page} } } }`)
  await ask(`{ events(types: ["webhook.failing"], ${page} deliveries(filter: { status: [FAILED] }, ${page} }`)
  await ask(`query ($id: ID!) { webhookEndpoint(id: $id) { successRate24h deliveries(${page} } }`, { id: endpointId })
  await ask(`query ($id: ID!) { webhookEndpoint(id: $id) { deliveries(status: [FAILED], ${page} } }`, {
    id: endpointId,
  })
  await ask('mutation ($id: ID!) { updateWebhookEndpoint(input: { id: $id, enabled: false }) { __typename } }', {
    id: endpointId,
  })
  await api.capture({ email: 'other@example.com' })
  await ask('mutation ($id: ID!) { updateWebhookEndpoint(input: { id: $id, enabled: true }) { __typename } }', {
    id: endpointId,
  })
  await receiver.received(3)
  await ask(
    `mutation ($id: ID!) { replayDeliveries(input: { endpointId: $id, from: "2020-01-01T00:00:00Z", dryRun: true }) { __typename } }`,
    { id: endpointId },
  )
  await ask('mutation ($id: ID!) { eraseContact(id: $id) { __typename } }', { id: contactId })
  await ask('mutation ($id: ID!) { deleteWebhookEndpoint(id: $id) { __typename } }', { id: endpointId })
  await app.stop()
  await receiver.stop()
  const pruning = await openOwn({ environment } as unknown as OwnDatabase)
  await pruneCaptures(pruning, 30)
  await pruneRawFields(pruning, 30)
  await pruneSources(pruning, 30)
  const [from, to] = [new Date(Date.now() - 36_000_000), new Date()]
  await readCaptureStats(pruning, { workspaceId: 'ws_1', from, to, buckets: 1 })
  await pruning.close()
}

/** Rows of other workspaces, so that an index is worth its while. */
async function fill(database: Database): Promise<void> {
  await runSql(
    database,
    `insert into contact (workspace_id, id, email, stage)
     select 'ws_' || nth % 10, 'cont_' || nth, 'lead-' || nth || '@example.com', 'lead' from generate_series(1, $1::int) nth`,
    [rows],
  )
  await runSql(
    database,
    `insert into submission (workspace_id, id, status, contact_id, email, received_at, spam_reasons)
     select 'ws_' || nth % 10, 'sub_' || nth, (array['ACCEPTED', 'HELD', 'SPAM'])[1 + nth % 3]::submission_status,
            case when nth % 3 = 0 then 'cont_' || nth end, case when nth % 3 > 0 then 'lead-' || nth || '@example.com' end,
            now() - nth * interval '1 hour', '{}'
     from generate_series(1, $1::int) nth`,
    [rows],
  )
  await runSql(
    database,
    `insert into idempotency_key (workspace_id, caller, key, body_hash, submission_id, answer)
     select 'ws_' || nth % 10, '', nth, '', 'sub_' || nth, 'null' from generate_series(1, $1::int) nth`,
    [rows],
  )
  await runSql(
    database,
    `insert into spent_proof (workspace_id, id, expires_at)
     select 'ws_' || nth % 10, nth, now() - nth * interval '1 minute' from generate_series(1, $1::int) nth`,
    [rows],
  )
  await runSql(
    database,
    `insert into event (workspace_id, id, type, contact_id, body, created_at)
     select 'ws_' || nth % 10, 'evt_' || nth, 'contact.created', 'cont_' || nth, '{}', now()
     from generate_series(1, $1::int) nth`,
    [rows],
  )
  await runSql(
    database,
    `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, contact_id, status, completed_at)
     select workspace_id, 'dlv_' || id, 'wh_' || position % 20, id, position, contact_id,
            (array['SUCCEEDED', 'FAILED', 'HELD'])[1 + position % 3]::delivery_status, now()
     from event`,
  )
  await runSql(database, 'analyze')
}
