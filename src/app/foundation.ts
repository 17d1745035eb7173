import type { Config } from '../config/config.ts'
import { encryptionKeysOf } from '../config/key-ring.ts'
import { webhookReachOf } from '../config/webhook-reach.ts'
import type { Database } from '../database/database.ts'
import { type AddressGuard, createAddressGuard } from '../delivery/network/address-guard.ts'
import { createTestReceiver, type TestReceiver } from '../delivery/test-receiver/test-receiver.ts'
import { type SharedTopic, type Signals, startSignals } from '../events/signals.ts'
import { createSecretBox, type SecretBox } from '../platform/crypto/secret-box.ts'
import type { Log } from '../platform/log.ts'
import { connectRedis, type Redis } from '../platform/redis.ts'
import type { ShutdownHooks } from '../platform/shutdown.ts'

/** Parts that every role needs. */
export interface Foundation {
  readonly config: Config
  readonly database: Database
  readonly log: Log
  readonly redis: Redis | undefined
  readonly signals: Signals
  readonly guard: AddressGuard
  readonly secretBox: SecretBox
  readonly encryptionKeys: ReturnType<typeof encryptionKeysOf>
  readonly testReceiver: TestReceiver
  readonly shutdown: ShutdownHooks
}

/** Topics of other nodes that each role listens to. A worker caches no keys and no sources. */
const listensTo: Record<Config['role'], readonly SharedTopic[]> = {
  all: ['events', 'deliveries', 'access', 'sources'],
  api: ['events', 'deliveries', 'access', 'sources'],
  worker: ['events', 'deliveries'],
}

/** Builds the parts from the settings, except the database. */
export async function createFoundation(
  given: Pick<Foundation, 'config' | 'database' | 'log' | 'shutdown'>,
): Promise<Foundation> {
  const { config, database, log, shutdown } = given
  const redis = config.redisUrl === undefined ? undefined : await connectRedis(config.redisUrl, log)
  shutdown.add('disconnect', 'redis', () => redis?.close())
  const signals = await startSignals(database, log, redis, listensTo[config.role])
  shutdown.add('disconnect', 'wake', () => signals.stop())
  const encryptionKeys = encryptionKeysOf(config)
  const guard = createAddressGuard(webhookReachOf(config))
  const secretBox = createSecretBox(encryptionKeys)
  const testReceiver = createTestReceiver(database, secretBox)
  return { ...given, redis, signals, guard, secretBox, encryptionKeys, testReceiver }
}
