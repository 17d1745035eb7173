import type { Config } from '../../config/config.ts'
import { describeReach } from '../../config/webhook-reach.ts'
import type { Log } from '../../platform/log.ts'

/** Logs that the service has started. */
export function logStarted(log: Log, config: Config, url: string, processes = 1): void {
  const database = config.databaseUrl === undefined ? 'embedded' : 'external'
  log.info({ url, database, webhooks_reach: describeReach(config), processes }, 'started')
}
