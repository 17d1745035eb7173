import { parseArgs } from 'node:util'
import { createGrown } from './growth-database.ts'
import { measure } from './load.ts'
import { printRow } from './report.ts'
import { startCommand, startServer } from './server-process.ts'

const { values } = parseArgs({
  options: {
    /** Captures a day. */
    captures: { type: 'string', default: '1000000000' },
    /** The busiest second, compared with the mean of the day. */
    peak: { type: 'string', default: '3' },
    /** Webhooks per capture. */
    webhooks: { type: 'string', default: '1' },
    retention: { type: 'string', default: '30' },
    /** Captures a second of one database with the Rex before it; measured if left out. */
    rate: { type: 'string' },
    /** Part of the measured rate that is planned for. */
    load: { type: 'string', default: '0.5' },
  },
})
const daySeconds = 86_400
const events = 200_000
const tables = ['submission', 'event', 'delivery', 'attempt'] as const
const terabyte = 1e12

interface Measured {
  /** Bytes of a row with its part of all indexes, by table. */
  readonly bytes: ReadonlyMap<string, number>
  readonly rate: number
}

/** Prints what a number of captures a day needs, from what is measured on this machine. */
async function calculate(): Promise<void> {
  const { bytes, rate } = await measureInputs()
  const [captures, peak, webhooks, retention, load] = [
    Number(values.captures),
    Number(values.peak),
    Number(values.webhooks),
    Number(values.retention),
    Number(values.load),
  ]
  const mean = captures / daySeconds
  const ofCapture = (bytes.get('submission') ?? 0) + (bytes.get('event') ?? 0)
  const ofWebhook = (bytes.get('delivery') ?? 0) + (bytes.get('attempt') ?? 0)
  const perDay = captures * (ofCapture + webhooks * ofWebhook)
  const databases = Math.ceil((mean * peak) / (rate * load))
  printRow(['', 'value', 'from'])
  printRow(['---', '--:', '---'])
  for (const table of tables)
    printRow([`bytes of a row of ${table}`, (bytes.get(table) ?? 0).toFixed(0), `measured, ${events} events`])
  printRow(['captures a second of one database', rate.toFixed(0), values.rate ? 'given' : 'measured, 64 callers'])
  printRow(['captures a second, mean', mean.toFixed(0), `${captures} ÷ ${daySeconds}`])
  printRow(['captures a second, peak', (mean * peak).toFixed(0), `mean × ${peak}`])
  printRow(['databases for the peak', databases, `peak ÷ (rate × ${load})`])
  printRow([
    'rows a day',
    (captures * (2 + 2 * webhooks)).toExponential(1),
    'submission, event; delivery, attempt per webhook',
  ])
  printRow(['TB a day', (perDay / terabyte).toFixed(2), 'captures × bytes of their rows'])
  printRow([`TB in ${retention} days`, ((perDay * retention) / terabyte).toFixed(1), 'without backups and replicas'])
  printRow([
    'TB of each database',
    ((perDay * retention) / terabyte / databases).toFixed(2),
    'evenly spread workspaces',
  ])
  printRow(['events deleted a second', mean.toFixed(0), 'retention keeps pace with the mean'])
}

async function measureInputs(): Promise<Measured> {
  const grown = await createGrown({ contacts: 10_000, events, due: 0 }, 'http://127.0.0.1:9')
  try {
    const bytes = new Map<string, number>()
    for (const table of tables) {
      const { rows } = await grown.sql.query<{ bytes: number }>(
        `select pg_total_relation_size('${table}')::float8 / count(*) as bytes from ${table}`,
      )
      bytes.set(table, rows[0]?.bytes ?? Number.NaN)
    }
    return { bytes, rate: values.rate ? Number(values.rate) : await measureRate(grown.environment) }
  } finally {
    await grown.close()
  }
}

async function measureRate(environment: Readonly<Record<string, string>>): Promise<number> {
  const server = await startServer(startCommand(), { ...environment, LOG_LEVEL: 'error' })
  try {
    await measure(server.url, { callers: 64, durationMs: 3000 })
    return (await measure(server.url, { callers: 64, durationMs: 10_000 })).perSecond
  } finally {
    await server.stop()
  }
}

await calculate()
