import type { Config } from '../config/config.ts'
import type { Log } from '../platform/log.ts'
import { verifyDirectConnection } from './connection/direct-connection.ts'
import type { ServerAddress } from './connection/server-address.ts'
import { verifyConnection } from './connection/verify-connection.ts'
import { EmbeddedServerError } from './embedded/embedded-server-error.ts'
import { hasPgliteFiles } from './embedded/pglite-files.ts'
import { connectPostgresql, type PooledDatabase } from './postgresql.ts'

export interface OpenedDatabase extends PooledDatabase, ServerAddress {
  /**
   * Location for people: the embedded database with the command that opens it in `psql`, or the server of DATABASE_URL.
   */
  readonly location: string
}

/**
 * Connects to DATABASE_URL, or to the embedded PostgreSQL, which it starts.
 * @throws RefusedSettingError when DATABASE_URL cannot be used, EmbeddedServerError when the embedded server cannot
 * start
 */
export async function openDatabase(config: Config, log: Log): Promise<OpenedDatabase> {
  const { databaseUrl, dataDir } = config
  if (databaseUrl === undefined && hasPgliteFiles(dataDir)) throw new EmbeddedServerError(importRequired(dataDir))
  return openDatabaseToImport(config, log)
}

function importRequired(dataDir: string): string {
  return (
    `the data folder ${dataDir} holds the database of Rex 0.1, which has another format. ` +
    'Run "npx rex import-embedded" once to import it'
  )
}

/** Opens the database like `openDatabase`, but allows a database of 0.1 that is not imported yet. */
export async function openDatabaseToImport(
  { databaseUrl, databaseDirectUrl: directUrl, dataDir }: Config,
  log: Log,
): Promise<OpenedDatabase> {
  if (databaseUrl === undefined) return openEmbedded(dataDir, log)
  const address = { url: databaseUrl, directUrl }
  const database = await verifyConnection(connectPostgresql(address, log))
  if (directUrl !== undefined) await verifyDirectConnection(database, directUrl, log)
  return { ...database, ...address, location: 'PostgreSQL at DATABASE_URL' }
}

async function openEmbedded(dataDir: string, log: Log): Promise<OpenedDatabase> {
  // Loaded only when it is used.
  const { startEmbeddedServer } = await import('./embedded/embedded-server.ts')
  const server = await startEmbeddedServer({ dataFolder: dataDir, log })
  const connected = connectPostgresql(server.url, log)
  const close = async () => {
    await connected.close()
    await server.stop()
  }
  return { ...connected, close, url: server.url, location: `embedded PostgreSQL in ${dataDir} (${server.psql})` }
}
