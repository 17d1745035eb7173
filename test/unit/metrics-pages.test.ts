import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAppMetrics } from '../../src/app/metrics/app-metrics.ts'
import { readConfig } from '../../src/config/config.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { silentLog } from '../support/test-parts.ts'

const pageOf = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8')
const suffixes = /_(bucket|sum|count)$/

/** Rex's own metrics with their help; nothing is read from the database, which is nowhere. */
async function ownMetrics(): Promise<ReadonlyMap<string, string>> {
  const database = connectPostgresql('postgresql://nobody@127.0.0.1:1/nowhere', silentLog)
  const { registry } = createAppMetrics(database, readConfig({ REX_WORKSPACE_MB: '1' }))
  const all = await registry.getMetricsAsJSON()
  await database.close()
  return new Map(all.filter(({ name }) => name.startsWith('rex_')).map(({ name, help }) => [name, help]))
}

/** Names of metrics in a text, without the suffixes of a histogram's series. */
function metricsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\brex_[a-z_]+/g)].map(([name]) => name.replace(suffixes, '')))]
}

describe('the metrics', () => {
  it('have the names of the issue', async () => {
    expect([...(await ownMetrics()).keys()]).toEqual(expect.arrayContaining(promised))
  })

  it('stand in the table of docs/operating.md, with the same words', async () => {
    const rows = [...pageOf('operating.md').matchAll(/^\| `(rex_[a-z_]+)[^`]*` \| (.+) \|$/gm)]
    expect(new Map(rows.map(([, name, help]) => [name, help]))).toEqual(await ownMetrics())
  })

  it.each(['alerts/rules.yml', 'alerts/dashboard.json'])('are the only ones that docs/%s names', async (page) => {
    const known = await ownMetrics()
    const named = metricsIn(pageOf(page))
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })
})

describe('docs/alerts/dashboard.json', () => {
  it('is a dashboard whose panels have a query each, and places of their own', () => {
    const { panels } = JSON.parse(pageOf('alerts/dashboard.json'))
    const charts = panels.filter(({ type }: { type: string }) => type !== 'row')
    expect(charts.length).toBeGreaterThan(15)
    for (const { targets } of charts) expect(targets[0].expr).toContain('rex_')
    const places = panels.map(({ gridPos: { x, y } }: { gridPos: { x: number; y: number } }) => `${x} ${y}`)
    expect(new Set(places).size).toBe(panels.length)
  })
})

const promised = [
  'rex_captures_total',
  'rex_capture_batch_size',
  'rex_capture_commit_seconds',
  'rex_event_log_position',
  'rex_reader_lag_events',
  'rex_reader_lag_seconds',
  'rex_deliveries_due',
  'rex_delivery_oldest_due_seconds',
  'rex_attempts_total',
  'rex_capture_to_delivered_seconds',
  'rex_endpoints',
  'rex_subscribers',
  'rex_subscribers_dropped_total',
  'rex_database_pool',
  'rex_database_silent',
  'rex_submissions_held',
  'rex_table_bytes',
]
