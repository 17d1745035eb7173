import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiClient, createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { inTurn, type Receiver, startReceiver } from '../support/receiver.ts'
import { type Scrape, scrape } from '../support/scrapes.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const links = 'https://a.example https://b.example https://c.example https://d.example'

describe('/metrics', () => {
  let app: TestApp
  let api: ApiClient
  let receiver: Receiver

  beforeAll(async () => {
    app = await startTestApp({ REX_RETRY_SCHEDULE: '0,0' })
    api = createApiClient(app)
    receiver = await startReceiver(inTurn([500], [200]))
    await api.createEndpoint({ url: receiver.url, events: ['*'] })
    await api.capture({ email: 'jane@example.com' })
    await api.capture({ email: 'jane@example.com' })
    await api.capture({ email: 'jane@example.com', first_name: 'Jane' }, { 'idempotency-key': 'one' })
    await api.capture({ email: 'jane@example.com', first_name: 'Jane' }, { 'idempotency-key': 'one' })
    await api.capture({ email: 'bot@example.com', _gotcha: 'x' })
    await api.capture({ email: 'links@example.com', text: links })
    await receiver.received(3)
  })
  afterAll(async () => {
    await receiver?.stop()
    await app?.stop()
  })

  /** Scrapes until a series has the value: some are settled later, or read from the database every few seconds. */
  const scrapeUntil = async (series: string, value: number): Promise<Scrape> => {
    let last: Scrape = new Map()
    await eventually(
      async () => {
        last = await scrape(app)
        return last.get(series) === value
      },
      () => `${series} is ${last.get(series)}`,
    )
    return last
  }

  it('counts captures by outcome and kind of source, and their batches', async () => {
    const { json } = await api.rest('POST', '/sources', { name: 'Form', kind: 'tally' })
    await fetch(String(json.data?.['url']), { method: 'POST', body: '{"what":"is this"}' })
    const seen = await scrape(app)
    const count = (outcome: string, kind = 'none') =>
      seen.get(`rex_captures_total{outcome="${outcome}",source_kind="${kind}"}`)
    expect(count('created')).toBe(1)
    expect(count('unchanged')).toBe(1)
    expect(count('updated')).toBe(1)
    expect(count('repeated')).toBe(1)
    expect(count('held')).toBe(1)
    expect(count('spam')).toBe(1)
    expect(count('failed')).toBe(0)
    expect(count('held', 'tally')).toBe(1)
    expect(seen.get('rex_capture_batch_size_sum')).toBe(7)
    expect(seen.get('rex_capture_commit_seconds_count')).toBe(seen.get('rex_capture_batch_size_count'))
  })

  it('counts attempts by outcome and error, and the time from capture to the first 2xx', async () => {
    const seen = await scrapeUntil('rex_attempts_total{outcome="accepted",error="none"}', 2)
    expect(seen.get('rex_attempts_total{outcome="refused",error="http_status"}')).toBe(1)
    expect(seen.get('rex_capture_to_delivered_seconds_count')).toBe(2)
    expect(seen.get('rex_capture_to_delivered_seconds_sum')).toBeGreaterThan(0)
  })

  it('shows the log, its readers, the queue, endpoints, held submissions and tables', async () => {
    const seen = await scrapeUntil('rex_submissions_held{reason="too_many_links"}', 1)
    expect(seen.get('rex_event_log_position')).toBeGreaterThanOrEqual(2)
    expect(seen.get('rex_reader_lag_events{reader="fanout"}')).toBe(0)
    expect(seen.get('rex_reader_lag_seconds{reader="fanout"}')).toBe(0)
    expect(seen.get('rex_deliveries_due')).toBe(0)
    expect(seen.get('rex_delivery_oldest_due_seconds')).toBe(0)
    expect(seen.get('rex_endpoints{status="enabled"}')).toBe(1)
    expect(seen.get('rex_endpoints{status="auto_disabled"}')).toBe(0)
    expect(seen.get('rex_submissions_held{reason="needs_mapping"}')).toBe(1)
    expect(seen.get('rex_table_bytes{table="contact"}')).toBeGreaterThan(8192)
    expect(seen.get('rex_database_silent')).toBe(0)
    expect(seen.get('rex_database_pool{state="busy"}')).toBeGreaterThanOrEqual(0)
    expect(seen.get('rex_disk_free_bytes')).toBeGreaterThan(0)
  })

  it('counts the subscribers that there are', async () => {
    expect((await scrape(app)).get('rex_subscribers')).toBe(0)
    const subscriber = await connectSubscriber(app, { query: 'subscription { contactCreated { eventId } }' })
    await scrapeUntil('rex_subscribers', 1)
    await subscriber[Symbol.asyncDispose]()
    expect((await scrapeUntil('rex_subscribers', 0)).get('rex_subscribers_dropped_total')).toBe(0)
  })

  it('is text that promtool has no complaint about, without a person or a key in it', async () => {
    const text = await (await fetch(`${app.url}/metrics`)).text()
    const own = text.split('\n').filter((line) => /^(# (HELP|TYPE) )?rex_/.test(line))
    expect(execFileSync('promtool', ['check', 'metrics'], { input: `${own.join('\n')}\n`, encoding: 'utf8' })).toBe('')
    expect(own.join('\n')).not.toMatch(/@|jane|rex_[A-Za-z0-9]{8}_[A-Za-z0-9]{32}/)
  })
})

describe('/metrics of a worker', () => {
  it('has those of the queue and of its attempts', async () => {
    const worker = await startTestApp({ REX_ROLE: 'worker' })
    const seen = await scrape(worker)
    await worker.stop()
    expect(seen.get('rex_attempts_total{outcome="accepted",error="none"}')).toBe(0)
    expect(seen.get('rex_deliveries_due')).toBe(0)
    expect(seen.get('rex_reader_lag_events{reader="fanout"}')).toBe(0)
  })
})
