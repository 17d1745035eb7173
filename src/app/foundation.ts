import type { Config } from '../config/config.ts'
import { encryptionKeysOf } from '../config/key-ring.ts'
import { webhookReachOf } from '../config/webhook-reach.ts'
import type { Database } from '../database/database.ts'
import type { OpenedDatabase } from '../database/open.ts'
import { type Replica, startReplica } from '../database/replica/replica.ts'
import { type AddressGuard, createAddressGuard } from '../delivery/network/address-guard.ts'
import { createTestReceiver, type TestReceiver } from '../delivery/test-receiver/test-receiver.ts'
import { type SharedTopic, type Signals, startSignals } from '../events/signals.ts'
import { createSecretBox, type SecretBox } from '../platform/crypto/secret-box.ts'
import type { Log } from '../platform/log.ts'
import type { Peers } from '../platform/peers.ts'
import type { Redis } from '../platform/redis.ts'
import type { ShutdownHooks } from '../platform/shutdown.ts'
import { createReadiness, type Readiness } from '../server/readiness.ts'
import { type AppMetrics, createAppMetrics } from './metrics/app-metrics.ts'

/** Parts that every role needs. */
export interface Foundation {
  readonly config: Config
  readonly database: Database
  /** Undefined without DATABASE_REPLICA_URL, and in a worker, which reads no lists. */
  readonly replica: Replica | undefined
  readonly log: Log
  readonly metrics: AppMetrics
  readonly readiness: Readiness
  readonly redis: Redis | undefined
  readonly signals: Signals
  readonly guard: AddressGuard
  readonly secretBox: SecretBox
  readonly encryptionKeys: ReturnType<typeof encryptionKeysOf>
  readonly testReceiver: TestReceiver
  readonly shutdown: ShutdownHooks
  /** Other processes of this node; undefined when there is only one. */
  readonly peers: Peers | undefined
}

/** Topics of other nodes that each role listens to. A worker caches no keys and no sources. */
const listensTo: Record<Config['role'], readonly SharedTopic[]> = {
  all: ['events', 'deliveries', 'access', 'sources'],
  api: ['events', 'deliveries', 'access', 'sources'],
  worker: ['events', 'deliveries'],
}

/** Builds the parts from the settings, except the database. */
export async function createFoundation(
  given: Pick<Foundation, 'config' | 'log' | 'shutdown' | 'peers'> & { readonly database: OpenedDatabase },
): Promise<Foundation> {
  const { config, database, log, shutdown } = given
  const redis = await openRedis(given)
  shutdown.add('disconnect', 'redis', () => redis?.close())
  const signals = await startSignals(database, log, redis, listensTo[config.role])
  shutdown.add('disconnect', 'wake', () => signals.stop())
  const encryptionKeys = encryptionKeysOf(config)
  const guard = createAddressGuard(webhookReachOf(config))
  const secretBox = createSecretBox(encryptionKeys)
  const replica = openReplica(given)
  shutdown.add('disconnect', 'replica', () => replica?.close())
  const metrics = createAppMetrics(database, config, replica)
  given.peers?.share(metrics.registry)
  return {
    ...given,
    replica,
    metrics,
    readiness: createReadiness(database),
    redis,
    signals,
    guard,
    secretBox,
    encryptionKeys,
    testReceiver: createTestReceiver(database, secretBox),
  }
}

function openReplica({ config, database, log }: Parameters<typeof createFoundation>[0]): Replica | undefined {
  const { databaseReplicaUrl: url, replicaMaxLagMs: maxLagMs, role } = config
  if (url === undefined || role === 'worker') return undefined
  return startReplica({ url, primary: database, maxLagMs, log })
}

/** Connects to Redis if there is a URL. Its client, 480 files, is loaded only then. */
async function openRedis({ config, log }: Pick<Foundation, 'config' | 'log'>): Promise<Redis | undefined> {
  if (config.redisUrl === undefined) return undefined
  const { connectRedis } = await import('../platform/redis.ts')
  return connectRedis(config.redisUrl, log)
}
