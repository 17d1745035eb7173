import { reencryptAll } from '../app/reencrypt-all.ts'
import { readConfig } from '../config/config.ts'
import { createLog } from '../platform/log.ts'
import type { Result } from './output/output.ts'

/** `rex reencrypt`: encrypts the secrets of webhooks and sources again with the first of REX_ENCRYPTION_KEYS. */
export async function reencrypt(): Promise<Result> {
  const config = readConfig()
  const { endpoints, sources } = await reencryptAll(config, createLog(config.logLevel, process.stderr))
  const text = `The secrets of ${endpoints} webhook endpoints and ${sources} sources are encrypted with the first key.`
  return { json: { endpoints, sources }, text }
}
