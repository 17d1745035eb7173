import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

const defaultUrl = 'postgresql://postgres@127.0.0.1:5432/postgres'
const probeTimeoutMs = 1000

/** Database server for the measured servers. */
export interface BenchServer {
  /** Description for the report. */
  readonly description: string
  /** Creates an empty database for one server, and returns the environment variables for it. */
  createDatabase(): Promise<BenchDatabase>
}

export interface BenchDatabase {
  readonly environment: Readonly<Record<string, string>>
  drop(): Promise<void>
}

/** Finds PostgreSQL if it is running, else the embedded database. @throws if TEST_DATABASE_URL is set but unreachable */
export async function findDatabaseServer(): Promise<BenchServer> {
  const givenUrl = process.env['TEST_DATABASE_URL']
  const url = givenUrl || defaultUrl
  try {
    const [row] = await onServer<{ server_version: string }>(url, 'show server_version')
    return { description: `PostgreSQL ${row?.server_version}`, createDatabase: () => createOn(url) }
  } catch (cause) {
    if (givenUrl) throw new Error('TEST_DATABASE_URL is set, but no PostgreSQL is reachable there.', { cause })
    const description = 'the embedded database, because no PostgreSQL is reachable on 127.0.0.1:5432'
    return { description, createDatabase: async () => inFolder(await makeFolder()) }
  }
}

async function createOn(serverUrl: string): Promise<BenchDatabase> {
  const name = `rex_bench_${crypto.randomUUID().replaceAll('-', '')}`
  await onServer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const { environment, drop } = inFolder(await makeFolder())
  return {
    environment: { ...environment, DATABASE_URL: url.href },
    drop: async () => {
      await onServer(serverUrl, `drop database if exists ${name} with (force)`)
      await drop()
    },
  }
}

function inFolder(folder: string): BenchDatabase {
  return { environment: { REX_DATA_DIR: folder }, drop: () => rm(folder, { recursive: true, force: true }) }
}

function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'rex-bench-'))
}

async function onServer<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: probeTimeoutMs })
  await client.connect()
  try {
    const { rows } = await client.query<Row>(sql)
    return rows
  } finally {
    await client.end()
  }
}
