import { Gauge } from 'prom-client'
import type { Database } from '../database/database.ts'
import type { Metrics } from '../platform/metrics.ts'
import { readLargestStorage, type StorageUse } from './storage.ts'

/** Maximum number of workspaces shown: each one is a series. */
const shownWorkspaces = 20
/** Scrapes within this time share one query. */
const freshMs = 10_000

/** Adds the storage of anonymous captures to `/metrics`. Without the database the other metrics are still served. */
export function measureStorage(metrics: Metrics, database: Database, maxBytes: number | undefined): Metrics {
  const read = cached(() => readLargestStorage(database, shownWorkspaces))
  const registers = [metrics.registry]
  new Gauge({
    name: 'rex_capture_storage_bytes',
    help: `Bytes that anonymous captures have stored, of the ${shownWorkspaces} workspaces that store the most.`,
    labelNames: ['workspace_id'],
    // All processes of a node read the same.
    aggregator: 'max',
    registers,
    async collect() {
      this.reset()
      for (const { workspaceId, bytes } of await read()) this.set({ workspace_id: workspaceId }, bytes)
    },
  })
  if (maxBytes === undefined) return metrics
  const bound = new Gauge({
    name: 'rex_capture_storage_bound_bytes',
    help: 'REX_WORKSPACE_MB: at this size anonymous captures of a workspace are held without their raw fields.',
    aggregator: 'max',
    registers,
  })
  bound.set(maxBytes)
  return metrics
}

/** Caches the last result for a while; returns an empty list when reading fails. */
function cached(read: () => Promise<StorageUse[]>): () => Promise<readonly StorageUse[]> {
  let last: Promise<readonly StorageUse[]> = Promise.resolve([])
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (now - readAt < freshMs) return last
    readAt = now
    last = read().catch(() => []) // The database is unavailable, which `/readyz` reports.
    return last
  }
}
