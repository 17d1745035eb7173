import type { Config } from '../../../config/config.ts'
import { RefusedSettingError } from '../../../config/setting-errors.ts'
import type { ServerAddress } from '../../../database/connection/server-address.ts'
import { type OpenedDatabase, openDatabase } from '../../../database/open.ts'
import { createLog } from '../../../platform/log.ts'
import { CliError } from '../../frame/cli-error.ts'
import { withDataClient } from '../transfer/data-client.ts'
import type { OnBytes } from '../transfer/data-set.ts'
import { type LoadedTables, loadData } from '../transfer/load.ts'
import { withSnapshot } from '../transfer/snapshot.ts'
import { refuseWhileServing } from './sessions.ts'

interface MoveOptions {
  /** Address of the empty database. */
  readonly to: string
  readonly onBytes: OnBytes
}

/**
 * Copies everything from the database of the settings to an empty one, and compares counts and checksums. The old
 * database is not changed, and no Rex can start on it meanwhile.
 */
export async function move(config: Config, { to, onBytes }: MoveOptions): Promise<LoadedTables> {
  return withSource(config, (source) =>
    withDataClient(source, async (client) => {
      await refuseWhileServing(client, source)
      const target = await openTarget(config, to)
      try {
        return await withSnapshot(client, onBytes, (data) => loadData(target, data, 'The database of --to'))
      } finally {
        await target.close()
      }
    }),
  )
}

/** Runs work with the addresses of the database of the settings, to which no pool of this process is connected. */
async function withSource<Result>(config: Config, work: (source: ServerAddress) => Promise<Result>): Promise<Result> {
  const database = await openDatabase(config, createLog('silent'))
  if (config.databaseUrl !== undefined) {
    await database.close()
    return work({ url: config.databaseUrl, directUrl: config.databaseDirectUrl })
  }
  try {
    return await work(database)
  } finally {
    await database.close() // Stops the embedded server.
  }
}

async function openTarget(config: Config, to: string): Promise<OpenedDatabase> {
  try {
    return await openDatabase({ ...config, databaseUrl: to, databaseDirectUrl: undefined }, createLog('silent'))
  } catch (error) {
    if (!(error instanceof RefusedSettingError)) throw error
    throw new CliError(error.message.replace('DATABASE_URL', '--to'), { cause: error })
  }
}
