import { measureStorage } from '../../capture/storage-metrics.ts'
import type { CaptureRecorder } from '../../capture/write/capture-recorder.ts'
import type { Config } from '../../config/config.ts'
import type { Database } from '../../database/database.ts'
import { fanOutReader } from '../../delivery/delivery-erasure.ts'
import type { AttemptRecorder } from '../../delivery/queue/attempt-recorder.ts'
import { createMetrics, type Metrics } from '../../platform/metrics.ts'
import { type CachedFacts, createCachedFacts } from '../../server/facts/cached-facts.ts'
import { createAttemptMetrics } from './attempt-metrics.ts'
import { createCaptureMetrics } from './capture-metrics.ts'
import { addFactMetrics } from './fact-metrics.ts'
import { addProcessMetrics, type SubscriberCounts } from './process-metrics.ts'
import { addReplicaMetrics, type ObservedReplica } from './replica-metrics.ts'

/** All metrics of this process. Domain code fills them through the recorders, and knows nothing of Prometheus. */
export interface AppMetrics extends Metrics {
  readonly captures: CaptureRecorder
  readonly attempts: AttemptRecorder
  /** Facts of the whole server, which other surfaces may show, too. */
  readonly facts: CachedFacts
  /** Counts the subscribers of the live surfaces, once there are some. */
  observeLive(live: LiveSurface): void
}

interface LiveSurface {
  readonly subscribers: () => SubscriberCounts
  /** Position of the live reader; undefined while it reads nothing. */
  readonly position: () => number | undefined
}

/** Builds the metrics. Every role has all of them; what a role does not do stays at zero. */
export function createAppMetrics(
  database: Database,
  { workspaceBytes, dataDir }: Config,
  replica?: ObservedReplica,
): AppMetrics {
  const metrics = measureStorage(createMetrics(), database, workspaceBytes)
  const { registry } = metrics
  let observed: LiveSurface | undefined
  const readers = () => {
    const live = observed?.position()
    // Without a worker fan-out has no position: it is behind from the first event on.
    const fanOut = { reader: fanOutReader, position: 0 }
    return live === undefined ? [fanOut] : [fanOut, { reader: 'live', position: live }]
  }
  const facts = createCachedFacts(database, { readers })
  addFactMetrics(registry, facts)
  addReplicaMetrics(registry, replica)
  addProcessMetrics(registry, { poolUse: database.poolUse, dataDir, subscribers: () => observed?.subscribers() })
  return {
    ...metrics,
    captures: createCaptureMetrics(registry),
    attempts: createAttemptMetrics(registry),
    facts,
    observeLive: (live) => {
      observed = live
    },
  }
}
