import { stat } from 'node:fs/promises'
import type { Config } from '../../../config/config.ts'
import { openDatabase } from '../../../database/open.ts'
import { createLog } from '../../../platform/log.ts'
import { version } from '../../../platform/version.ts'
import { existingKeys, keysAsText, marksOf } from '../keys.ts'
import { withDataClient } from '../transfer/data-client.ts'
import type { DataSet, Digest, OnBytes } from '../transfer/data-set.ts'
import { withSnapshot } from '../transfer/snapshot.ts'
import { formatName, formatVersion, type Header } from './format.ts'
import { writeBackup } from './write-backup.ts'

interface BackupOptions {
  readonly file: string
  readonly includesKeys: boolean
  readonly signal: AbortSignal
  readonly onBytes: OnBytes
}

export interface BackupResult {
  readonly file: string
  readonly bytes: number
  readonly tables: ReadonlyMap<string, Digest>
}

/** Writes everything in the database of the settings to one file, as it is at one moment; the service may run. */
export async function backup(config: Config, options: BackupOptions): Promise<BackupResult> {
  const { file, includesKeys, signal, onBytes } = options
  const database = await openDatabase(config, createLog('silent'))
  try {
    const tables = await withDataClient(database, (client) =>
      withSnapshot(client, onBytes, (data) =>
        writeBackup(file, headerOf(config, data.migrations, includesKeys), data, signal),
      ),
    )
    return { file, bytes: (await stat(file)).size, tables }
  } finally {
    await database.close()
  }
}

function headerOf(config: Config, migrations: DataSet['migrations'], includesKeys: boolean): Header {
  const keys = existingKeys(config)
  return {
    format: formatName,
    version: formatVersion,
    rex: version(),
    createdAt: new Date().toISOString(),
    migrations: [...migrations],
    keyMarks: marksOf(keys),
    ...(includesKeys && { keys: keysAsText(keys) }),
  }
}
