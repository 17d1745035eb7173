import { realpathSync } from 'node:fs'
import { openPrivateFolder } from '../../platform/files/private-folder.ts'
import type { Log } from '../../platform/log.ts'
import { findBinaries } from './binaries.ts'
import { embeddedName, openCluster } from './cluster.ts'
import { ensureDatabase } from './embedded-database.ts'
import { chooseRunAs } from './run-as.ts'
import { keepServerRunning } from './server-keeper.ts'
import { type ServerSettings, serverSettings } from './server-settings.ts'
import { makeSocketFolder } from './socket-folder.ts'

export interface EmbeddedServerOptions {
  readonly dataFolder: string
  readonly log: Log
  /** Settings of the server in addition to Rex's own. */
  readonly settings?: ServerSettings
}

/** PostgreSQL server on the files in the data folder, kept running until it is stopped. */
export interface EmbeddedServer {
  /** Address of the database for clients of this machine. */
  readonly url: string
  /** Command that opens the database in `psql`. */
  readonly psql: string
  /** Shuts the server down when this process started it. A server that another process started keeps running. */
  stop(): Promise<void>
}

/** Part of the name of the socket; the server listens on no TCP port. */
const socketPort = 5432

/**
 * Starts the server, or joins one that another process runs in the same folder.
 * @throws EmbeddedServerError when this machine, user or folder cannot run it
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { log, settings: ownSettings } = options
  openPrivateFolder(options.dataFolder, log)
  const dataFolder = realpathSync(options.dataFolder)
  const [binaries, runAs] = [findBinaries(), chooseRunAs()]
  const clusterFolder = await openCluster(dataFolder, binaries, runAs)
  const socketFolder = makeSocketFolder(dataFolder, socketPort, runAs.owner)
  const settings = { ...serverSettings(socketFolder, socketPort), ...ownSettings }
  const keeper = await keepServerRunning({ binaries, runAs, clusterFolder, settings }, log)
  try {
    await ensureDatabase(keeper.socket, embeddedName)
  } catch (error) {
    await keeper.stop()
    throw error
  }
  return {
    url: `postgresql://${embeddedName}@localhost/${embeddedName}?host=${encodeURIComponent(socketFolder)}`,
    psql: `psql -h ${shellQuoted(socketFolder)} -U ${embeddedName} ${embeddedName}`,
    stop: keeper.stop,
  }
}

function shellQuoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
