import { describe, expect, it, onTestFinished } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { insertEndpoints } from '../support/filled.ts'
import { createGraphqlClient, createWorkspace } from '../support/graphql-client.ts'
import { startReceiver } from '../support/receiver.ts'
import { startRexProcess } from '../support/rex-process.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { openOwn, runSql } from '../support/test-parts.ts'

const key = 'blackbox-fan-out-key-0123456789-0123456789'
const held = 980
const enabled = 20
const events = 25

// On a server alone: only there can the test look into the database of a process that runs.
describe('11.1: a workspace with 1,000 endpoints', () => {
  it('is owed every delivery, and delays none of another workspace by a second', async () => {
    const own = await createTestDatabase()
    onTestFinished(() => own.drop())
    const rex = await startRexProcess({ ...own.environment, REX_API_KEY: key, REX_KEY_RATE: '0', LOG_LEVEL: 'warn' })
    onTestFinished(async () => void (await rex.signal('SIGTERM')))
    const database = await openOwn(own)
    onTestFinished(() => database.close())
    const wideReceiver = await startReceiver()
    const arrivals = new Map<string, number>()
    const otherReceiver = await startReceiver((webhook, response) => {
      arrivals.set(JSON.parse(webhook.body).data.id, performance.now())
      response.end()
    })
    for (const receiver of [wideReceiver, otherReceiver]) onTestFinished(() => receiver.stop())

    const wide = createApiClient({ url: rex.url, key })
    const token = await createWorkspace(createGraphqlClient({ url: rex.url, key }), 'other')
    const other = createApiClient({ url: rex.url, key: token })
    await other.createEndpoint({ url: otherReceiver.url })
    for (let nth = 0; nth < enabled; nth++) await wide.createEndpoint({ url: `${wideReceiver.url}/${nth}` })
    const [workspace] = await runSql<{ id: string }>(database, `select id from workspace where slug = 'default'`)
    await insertEndpoints((text, values) => runSql(database, text, values), workspace!.id, held, { status: 'DISABLED' })

    const count = async (status: string) => {
      const [row] = await runSql<{ count: number }>(
        database,
        `select count(*)::int as count from delivery where workspace_id = $1 and status = $2::text::delivery_status`,
        [workspace!.id, status],
      )
      return row!.count
    }
    let sent = 0
    const delayOfOther = async () => {
      const { json } = await other.capture({ email: `other-${sent++}@example.com` }, { 'x-api-key': token })
      const id = String(json.data?.['id'])
      const answeredAt = performance.now()
      await eventually(
        () => arrivals.has(id),
        () => `${id} has not arrived`,
      )
      return arrivals.get(id)! - answeredAt
    }
    const undisturbed: number[] = []
    for (let nth = 0; nth < 20; nth++) undisturbed.push(await delayOfOther())
    // A start on a busy machine may have waited too long for a connection to the database.
    const { length } = rex.output()
    await Promise.all(Array.from({ length: events }, (_, nth) => wide.capture({ email: `lead-${nth}@example.com` })))
    const delays: number[] = []
    for (let nth = 0; (await count('HELD')) < held * events || nth < 20; nth++) delays.push(await delayOfOther())
    // On a busy machine both take longer.
    expect(Math.max(...delays)).toBeLessThan(1000 + 5 * Math.max(...undisturbed))
    await eventually(
      async () => (await count('SUCCEEDED')) === enabled * events,
      async () => `${await count('SUCCEEDED')} were delivered`,
      60_000,
      100,
    )
    expect(await count('HELD')).toBe(held * events)
    expect(rex.output().slice(length)).not.toContain('reader.failed')
  })
})
