import type { Config } from '../config/config.ts'
import { encryptionKeysOf } from '../config/key-ring.ts'
import { openDatabase } from '../database/open.ts'
import type { Log } from '../platform/log.ts'
import { reencryptSecrets } from '../webhooks/reencrypt.ts'
import { createSecretBox } from '../webhooks/secret-box.ts'

/** Encrypts the webhook secrets again with the first key of the ring. Returns the number of endpoints. */
export async function reencryptAll(config: Config, log: Log): Promise<number> {
  const database = await openDatabase(config, log)
  try {
    return await reencryptSecrets(database, createSecretBox(encryptionKeysOf(config)))
  } finally {
    await database.close()
  }
}
