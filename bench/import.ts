import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import copy from 'pg-copy-streams'
import { findDatabaseServer } from './bench-database.ts'
import { printRow } from './report.ts'
import { startCommand, startServer } from './server-process.ts'

const rows = Number(process.env['ROWS'] ?? 100_000)
const key = 'bench-import-key-0123456789-0123456789'

/** Compares `rex import` with COPY of the same file into a plain table of the same server. */
async function main(): Promise<void> {
  const server = await findDatabaseServer()
  const database = await server.createDatabase()
  const { DATABASE_URL: url } = database.environment
  if (url === undefined) throw new Error('bench:import needs a PostgreSQL: set TEST_DATABASE_URL.')
  const folder = mkdtempSync(join(tmpdir(), 'rex-bench-import-'))
  const file = join(folder, 'leads.csv')
  writeFileSync(file, `email,first_name,last_name,company,utm_source\n${lines().join('\n')}\n`)
  const rex = await startServer(startCommand(), { ...database.environment, REX_API_KEY: key })
  try {
    const copied = await rateOf(() => copyInto(url, file))
    const imported = await rateOf(() => runImport(rex.url, file, folder))
    console.log(`${server.description}, Node ${process.versions.node}, ${rows} rows\n`)
    printRow(['way', 'rows/s', '÷ COPY'])
    printRow(['---', '--:', '--:'])
    printRow(['COPY into a plain table', copied.toFixed(0), '1.000'])
    printRow(['rex import', imported.toFixed(0), (imported / copied).toFixed(3)])
  } finally {
    await rex.stop()
    await database.drop()
    rmSync(folder, { recursive: true })
  }
}

function lines(): string[] {
  return Array.from(
    { length: rows },
    (_, nth) => `p${nth}@import.example,First ${nth},Last ${nth},Company ${nth % 997},ads`,
  )
}

async function rateOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return rows / ((performance.now() - startedAt) / 1000)
}

async function copyInto(url: string, file: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    'create table plain (email text primary key, first_name text, last_name text, company text, utm_source text)',
  )
  await pipeline(createReadStream(file), client.query(copy.from('copy plain from stdin (format csv, header)')))
  await client.query('drop table plain')
  await client.end()
}

async function runImport(url: string, file: string, folder: string): Promise<void> {
  const command = join(import.meta.dirname, '../src/cli/rex.ts')
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', command, 'import', file, '--json'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, REX_URL: url, REX_API_KEY: key },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`rex import exited with ${code}.`)
}

await main()
