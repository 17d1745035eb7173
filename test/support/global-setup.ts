import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { makeTemplateDatabase, makeTemplateFolder } from './templates.ts'

export type TestDatabase = 'embedded' | 'postgresql'

declare module 'vitest' {
  export interface ProvidedContext {
    /** What the flow tests of this run go through, one after the other. */
    testDatabases: TestDatabase[]
    /** A server on which the run may create and drop databases, or null where there is none. */
    postgresUrl: string | null
    /** A migrated data folder to copy. */
    templateFolder: string
    /** A migrated database of that server to copy, or null. */
    templateDatabase: string | null
  }
}

const usualUrl = 'postgresql://postgres@127.0.0.1:5432/postgres'
const probeTimeoutMs = 1000

/** Decides once per run which databases it uses, says so, and hands them to the tests through `inject`. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const { TEST_DATABASE_URL: givenUrl, REX_TEST_DATABASES: demanded } = process.env
  const names = demanded ? parseNames(demanded) : undefined
  const url = givenUrl || usualUrl
  const server = names && !names.includes('postgresql') ? null : await probe(url)
  if (server instanceof Error && (givenUrl || names)) throw server

  const answers = typeof server === 'string'
  const used: TestDatabase[] = names ?? (answers ? ['embedded', 'postgresql'] : ['embedded'])
  const said = used.map((name) => (name === 'embedded' ? 'embedded (PGlite)' : server))
  console.log(`Databases of this run: ${said.join(' and ')}`)
  provide('testDatabases', used)
  provide('postgresUrl', answers ? url : null)

  const template = await makeTemplateFolder()
  provide('templateFolder', template.folder)
  const serverTemplate = answers ? await makeTemplateDatabase(url) : undefined
  provide('templateDatabase', serverTemplate?.name ?? null)
  return async () => {
    await template.remove()
    await serverTemplate?.remove()
  }
}

function parseNames(demanded: string): TestDatabase[] {
  const names = demanded.split(',').map((name) => name.trim())
  if (names.every((name) => name === 'embedded' || name === 'postgresql')) return names
  throw new Error(`REX_TEST_DATABASES: embedded, postgresql or both with a comma are expected, not "${demanded}"`)
}

/** The server's version and address in words, or the error that says why it cannot be used. */
async function probe(url: string): Promise<string | Error> {
  const { host } = new URL(url)
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: probeTimeoutMs })
  // A server that goes away while the probe hangs up concerns nobody any more.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return `PostgreSQL ${rows[0]?.server_version} at ${host}`
  } catch (cause) {
    return new Error(`PostgreSQL at ${host} was asked for and does not answer`, { cause })
  } finally {
    await client.end().catch(() => {})
  }
}
