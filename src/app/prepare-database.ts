import type { Config } from '../config/config.ts'
import type { Database } from '../database/database.ts'
import { migrate } from '../database/migrate.ts'
import { explainMissingRights } from '../database/role-rights.ts'
import { writeSecretFile } from '../platform/files/secret-file.ts'
import { bootstrap } from '../workspaces/bootstrap.ts'

/** Migrates the database and creates what a first start needs. Returns the first API key when this start created it. */
export async function prepareDatabase(database: Database, config: Config): Promise<string | undefined> {
  await migrate(database)
  return explainMissingRights(database, () => createFirstKey(database, config))
}

async function createFirstKey(database: Database, config: Config): Promise<string | undefined> {
  const { generatedKey } = await bootstrap(database, { slug: config.defaultWorkspace, configuredKey: config.apiKey })
  if (generatedKey !== undefined) writeSecretFile(config.dataDir, 'api-key', generatedKey)
  return generatedKey
}
