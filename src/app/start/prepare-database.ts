import type { Config } from '../../config/config.ts'
import { withDirectConnection } from '../../database/connection/direct-connection.ts'
import type { ServerAddress } from '../../database/connection/server-address.ts'
import type { Database } from '../../database/database.ts'
import { migrate } from '../../database/migrate.ts'
import { explainMissingRights } from '../../database/role-rights.ts'
import { writeSecretFile } from '../../platform/files/secret-file.ts'
import type { Log } from '../../platform/log.ts'
import { bootstrap } from '../../workspaces/bootstrap.ts'

/** Migrates the database and creates what a first start needs. Returns the first API key when this start created it. */
export async function prepareDatabase(
  database: Database & ServerAddress,
  config: Config,
  log: Log,
): Promise<string | undefined> {
  await withDirectConnection(database, log, migrate)
  return explainMissingRights(database, () => createFirstKey(database, config))
}

async function createFirstKey(database: Database, config: Config): Promise<string | undefined> {
  const { generatedKey } = await bootstrap(database, { slug: config.defaultWorkspace, configuredKey: config.apiKey })
  if (generatedKey !== undefined) writeSecretFile(config.dataDir, 'api-key', generatedKey)
  return generatedKey
}
