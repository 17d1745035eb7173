import type { Config } from '../../../config/config.ts'
import { openDatabase } from '../../../database/open.ts'
import { createLog } from '../../../platform/log.ts'
import { missingKeys, storeKeys } from '../keys.ts'
import type { OnBytes } from '../transfer/data-set.ts'
import { type LoadedTables, loadData } from '../transfer/load.ts'
import { dataOfBackup, verifyBackup } from './read-backup.ts'

interface RestoreOptions {
  readonly file: string
  readonly onBytes: OnBytes
}

export interface RestoreResult {
  readonly createdAt: string
  readonly tables: LoadedTables
  /** Whether the keys of the backup are in the data folder now. */
  readonly storedKeys: boolean
  /** Ids of keys that the secrets need and that this installation does not have. */
  readonly missingKeys: readonly string[]
}

/** Writes a backup into the database of the settings, which must be empty. The file is read to its end before. */
export async function restore(config: Config, { file, onBytes }: RestoreOptions): Promise<RestoreResult> {
  const header = await verifyBackup(file)
  const database = await openDatabase(config, createLog('silent'))
  try {
    const tables = await loadData(database, dataOfBackup(file, header, onBytes), 'The database of the settings')
    const storedKeys = header.keys !== undefined && header.keys !== '' && storeKeys(config, header.keys)
    return { createdAt: header.createdAt, tables, storedKeys, missingKeys: missingKeys(config, header.keyMarks) }
  } finally {
    await database.close()
  }
}
