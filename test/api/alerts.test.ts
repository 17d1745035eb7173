import { execFileSync } from 'node:child_process'
import { statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { firesWithinAMinute, rulesFile } from '../support/alert-rules.ts'
import { createApiClient } from '../support/api-client.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { startReceiver } from '../support/receiver.ts'
import { type Scrape, scrape } from '../support/scrapes.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { createTestDatabase } from '../support/test-database.ts'

/** A running Rex in which a test makes something go wrong. What is read from the database is a few seconds old. */
async function start(environment: Readonly<Record<string, string>> = {}): Promise<TestApp> {
  const app = await startTestApp({ REX_RETRY_SCHEDULE: '0,1,1', ...environment })
  onTestFinished(() => app.stop())
  return app
}

/** Scrapes until the fault can be seen, and returns that scrape. */
async function scrapeUntil(app: TestApp, isSeen: (scraped: Scrape) => boolean): Promise<Scrape> {
  let last: Scrape = new Map()
  await eventually(
    async () => {
      last = await scrape(app)
      return isSeen(last)
    },
    () => [...last].filter(([name]) => name.startsWith('rex_')).join('\n'),
    30_000,
    100,
  )
  return last
}

const valueIn = (scraped: Scrape, name: string) => scraped.get(name) ?? Number.NaN

describe('an operator who has only /metrics and the rules notices within a minute', () => {
  it('receivers that are down', async () => {
    const app = await start()
    const api = createApiClient(app)
    const receiver = await startReceiver()
    await api.createEndpoint({ url: receiver.url, events: ['*'] })
    await api.capture({ email: 'one@example.com' })
    await receiver.received(1)
    const healthy = await scrapeUntil(app, (seen) => valueIn(seen, 'rex_endpoints{status="enabled"}') === 1)
    expect(firesWithinAMinute('RexReceiversDown', [healthy], [healthy])).toBe(false)
    await receiver.stop()
    await api.capture({ email: 'two@example.com' })
    const fault = await scrapeUntil(app, (seen) => valueIn(seen, 'rex_endpoints{status="failing"}') === 1)
    expect(firesWithinAMinute('RexReceiversDown', [healthy], [fault])).toBe(true)
  })

  it('fan-out that is stuck', async () => {
    const app = await start()
    const api = createApiClient(app)
    await api.capture({ email: 'one@example.com' })
    const lag = 'rex_reader_lag_seconds{reader="fanout"}'
    const healthy = await scrapeUntil(app, (seen) => valueIn(seen, lag) === 0)
    const lock = new pg.Client({ connectionString: app.database.environment.DATABASE_URL })
    await lock.connect()
    onTestFinished(() => lock.end())
    await lock.query('begin')
    await lock.query(`select from reader_position where reader = 'fanout' for update`)
    await api.capture({ email: 'two@example.com' })
    // In place of the half minute for which the event would wait.
    const other = new pg.Client({ connectionString: app.database.environment.DATABASE_URL })
    await other.connect()
    await other.query(`update event set created_at = created_at - interval '31 seconds'`)
    await other.end()
    const fault = await scrapeUntil(app, (seen) => valueIn(seen, lag) > 30)
    expect(firesWithinAMinute('RexFanOutStuck', [healthy], [healthy])).toBe(false)
    expect(firesWithinAMinute('RexFanOutStuck', [healthy], [fault])).toBe(true)
  })

  it('a database that is silent', async () => {
    const own = await createTestDatabase()
    const proxy = await startDatabaseProxy(own.environment.DATABASE_URL)
    onTestFinished(async () => {
      await proxy.stop()
      await own.drop()
    })
    const app = await start({ ...own.environment, DATABASE_URL: proxy.url })
    const healthy = await scrapeUntil(app, (seen) => seen.has('rex_table_bytes{table="contact"}'))
    expect(valueIn(healthy, 'rex_database_silent')).toBe(0)
    proxy.silence()
    const fault = await scrapeUntil(app, (seen) => valueIn(seen, 'rex_database_silent') === 1)
    expect(valueIn(fault, 'rex_table_bytes{table="contact"}')).toBeGreaterThan(0)
    expect(firesWithinAMinute('RexDatabaseSilent', [healthy], [healthy])).toBe(false)
    expect(firesWithinAMinute('RexDatabaseSilent', [healthy], [fault])).toBe(true)
    proxy.restore()
    await scrapeUntil(app, (seen) => valueIn(seen, 'rex_database_silent') === 0)
  })

  it.skipIf(process.getuid?.() !== 0)('a disk that is nearly full', async () => {
    const own = await createTestDatabase()
    const folder = own.environment.REX_DATA_DIR
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=700', 'tmpfs', folder])
    onTestFinished(async () => {
      execFileSync('umount', [folder])
      await own.drop()
    })
    const app = await start(own.environment)
    const healthy = await scrape(app)
    expect(firesWithinAMinute('RexDiskNearlyFull', [healthy], [healthy])).toBe(false)
    const { bavail, bsize } = statfsSync(folder)
    writeFileSync(join(folder, 'ballast'), Buffer.alloc(Math.floor(bavail * bsize * 0.95)))
    expect(firesWithinAMinute('RexDiskNearlyFull', [healthy], [await scrape(app)])).toBe(true)
  })

  it('a source that has stopped to send', async () => {
    const app = await start({ REX_SOURCE_RATE: '0' })
    const { url } = await createSource(app)
    const post = async (count: number) => {
      const leads = Array.from({ length: count }, () => ({ email: `${crypto.randomUUID()}@example.com` }))
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(leads),
      })
      expect(response.status).toBe(200)
    }
    await post(1)
    const first = await scrape(app)
    const busy: Scrape[] = []
    for (let round = 0; round < 12; round++) {
      await post(100)
      busy.push(await scrape(app))
    }
    const stopped = await scrape(app)
    expect(firesWithinAMinute('RexSourceStopped', [first, ...busy.slice(0, 7)], busy.slice(7))).toBe(false)
    expect(firesWithinAMinute('RexSourceStopped', [first, ...busy], [stopped])).toBe(true)
  })

  it('a flood of held leads', async () => {
    const app = await start()
    const api = createApiClient(app)
    await api.capture({ email: 'one@example.com' })
    const healthy = await scrape(app)
    expect(firesWithinAMinute('RexHeldFlood', [healthy], [healthy])).toBe(false)
    const links = 'https://a.example https://b.example https://c.example https://d.example'
    await Promise.all(
      Array.from({ length: 40 }, (_, nth) => api.capture({ email: `lead-${nth}@example.com`, message: links })),
    )
    const fault = await scrapeUntil(
      app,
      (seen) => valueIn(seen, 'rex_submissions_held{reason="too_many_links"}') === 40,
    )
    expect(firesWithinAMinute('RexHeldFlood', [healthy], [fault])).toBe(true)
  })
})

describe('the rules', () => {
  it('are read by promtool', () => {
    expect(execFileSync('promtool', ['check', 'rules', rulesFile], { encoding: 'utf8' })).toContain('SUCCESS')
  })
})

async function createSource(app: TestApp): Promise<{ readonly url: string }> {
  const { json } = await createApiClient(app).rest('POST', '/sources', { name: 'Form', kind: 'generic' })
  return { url: String(json.data?.['url']) }
}
