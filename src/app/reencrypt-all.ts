import type { Config } from '../config/config.ts'
import { encryptionKeysOf } from '../config/key-ring.ts'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open.ts'
import { type Reencryption, reencryptTable } from '../database/reencryption.ts'
import { createSecretBox, type SecretBox } from '../platform/crypto/secret-box.ts'
import type { Log } from '../platform/log.ts'
import { sealedSources } from '../sources/sealed-sources.ts'
import { sealedEndpoints } from '../webhooks/sealed-endpoints.ts'

/** Number of rows whose secrets are encrypted with the first key. */
export interface ReencryptedRows {
  readonly endpoints: number
  readonly sources: number
}

/** Maximum ids that the error message names. */
const namedIds = 10

/** Encrypts all secrets again with the first key of the ring. @throws like `reencryptSecrets` */
export async function reencryptAll(config: Config, log: Log): Promise<ReencryptedRows> {
  const database = await openDatabase(config, log)
  try {
    return await reencryptSecrets(database, createSecretBox(encryptionKeysOf(config)))
  } finally {
    await database.close()
  }
}

/**
 * Encrypts the secrets of webhook endpoints, and the tokens and secrets of sources. A row that no key can decrypt stays
 * unchanged. @throws after processing all other rows, if there is such a row
 */
export async function reencryptSecrets(database: Database, secretBox: SecretBox): Promise<ReencryptedRows> {
  const endpoints = await reencryptTable(database, secretBox, sealedEndpoints)
  const sources = await reencryptTable(database, secretBox, sealedSources)
  const problems = [...problemsOf('webhook endpoints', endpoints), ...problemsOf('sources', sources)]
  if (problems.length === 0) return { endpoints: endpoints.written, sources: sources.written }
  throw new Error(
    `No key of REX_ENCRYPTION_KEYS can decrypt the secrets of ${problems.join(' and ')}. ` +
      `Those of the other ${endpoints.written} webhook endpoints and ${sources.written} sources are encrypted with the first key.`,
  )
}

function problemsOf(noun: string, { unopened }: Reencryption): string[] {
  if (unopened.length === 0) return []
  return [`${unopened.length} ${noun} (${unopened.slice(0, namedIds).join(', ')})`]
}
