import { Gauge } from 'prom-client'
import type { Database } from '../database/database.ts'
import type { Metrics } from '../platform/metrics.ts'
import { readLargestStorage, type StorageUse } from './storage.ts'

/** Each workspace is a series: only those that matter first have one. */
const shownWorkspaces = 20
/** Scrapes within this time share one look. */
const freshMs = 10_000

/** Adds what anonymous captures store to `/metrics`. Without the database the rest is answered alone. */
export function measureStorage(metrics: Metrics, database: Database, maxBytes: number | undefined): Metrics {
  const read = remembering(() => readLargestStorage(database, shownWorkspaces))
  const registers = [metrics.registry]
  new Gauge({
    name: 'rex_capture_storage_bytes',
    help: `Bytes that anonymous captures have stored, of the ${shownWorkspaces} workspaces that store the most.`,
    labelNames: ['workspace_id'],
    registers,
    async collect() {
      this.reset()
      for (const { workspaceId, bytes } of await read()) this.set({ workspace_id: workspaceId }, bytes)
    },
  })
  if (maxBytes === undefined) return metrics
  const bound = new Gauge({
    name: 'rex_capture_storage_bound_bytes',
    help: 'REX_WORKSPACE_MB: from here on anonymous captures of a workspace are held without their raw fields.',
    registers,
  })
  bound.set(maxBytes)
  return metrics
}

/** What was read last, for a while; nothing where reading fails. */
function remembering(read: () => Promise<StorageUse[]>): () => Promise<readonly StorageUse[]> {
  let last: Promise<readonly StorageUse[]> = Promise.resolve([])
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (now - readAt < freshMs) return last
    readAt = now
    last = read().catch(() => []) // The database is away, which `/readyz` tells.
    return last
  }
}
