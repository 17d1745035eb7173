import { statfs } from 'node:fs/promises'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { PoolUse } from '../../database/database.ts'

/** Live subscribers of this process. */
export interface SubscriberCounts {
  readonly open: number
  /** Number of those closed since the start because they did not read. */
  readonly dropped: number
}

interface ProcessParts {
  readonly poolUse: () => PoolUse
  readonly dataDir: string
  /** Undefined while there is nothing to subscribe to, as in a worker. */
  readonly subscribers: () => SubscriberCounts | undefined
}

/** Adds the metrics of this process and its machine. */
export function addProcessMetrics(registry: Registry, { poolUse, dataDir, subscribers }: ProcessParts): void {
  addPool(registry, poolUse)
  addSubscribers(registry, subscribers)
  addDisk(registry, dataDir)
}

function addPool(registry: Registry, poolUse: () => PoolUse): void {
  new Gauge({
    name: 'rex_database_pool',
    help: 'Connections of the pool (idle, busy), and callers that wait for one (waiting).',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(poolUse())) this.set({ state }, count)
    },
  })
}

function addSubscribers(registry: Registry, subscribers: ProcessParts['subscribers']): void {
  const registers = [registry]
  new Gauge({
    name: 'rex_subscribers',
    help: 'Live subscribers: WebSockets with a key, and event streams.',
    registers,
    collect() {
      this.set(subscribers()?.open ?? 0)
    },
  })
  new Counter({
    name: 'rex_subscribers_dropped_total',
    help: 'WebSockets that were closed with 4290, because their clients did not read.',
    registers,
    collect() {
      this.reset()
      this.inc(subscribers()?.dropped ?? 0)
    },
  })
}

/** Adds the file system of the data folder, which holds the embedded database; without the folder both are missing. */
function addDisk(registry: Registry, dataDir: string): void {
  const disk = (name: string, help: string, blocks: 'bavail' | 'blocks') =>
    new Gauge({
      ...{ name, help, registers: [registry], aggregator: 'max' },
      async collect() {
        const found = await statfs(dataDir).catch(() => undefined)
        if (found === undefined) this.remove()
        else this.set(found[blocks] * found.bsize)
      },
    })
  disk('rex_disk_free_bytes', 'Free bytes of the file system of REX_DATA_DIR.', 'bavail')
  disk('rex_disk_size_bytes', 'Bytes of the file system of REX_DATA_DIR.', 'blocks')
}
