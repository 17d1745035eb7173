import type { Registry } from 'prom-client'
import type { CreateSemaphore } from './limits/keyed-semaphore.ts'
import type { CountShared } from './limits/rate-limit.ts'
import type { TimeStore } from './shared-times.ts'

/** Connection to the other processes of this node, through the primary. */
export interface Peers {
  /** Counts for all processes. Rejects when the primary does not respond in time. */
  readonly count: CountShared
  /** Creates semaphores whose slots all processes share. */
  readonly createSemaphore: CreateSemaphore
  /** Keeps times for all processes. Rejects when the primary does not respond in time. */
  readonly times: TimeStore
  /** Whether as many processes serve as should. */
  readonly allServe: boolean
  /** Adds a registry to the metrics that `metrics` sums up. */
  share(registry: Registry): void
  /** Returns the Prometheus text of all processes together. */
  metrics(): Promise<string>
}
