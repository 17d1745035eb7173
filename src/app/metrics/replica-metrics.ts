import { Counter, Gauge, type Registry } from 'prom-client'
import type { Replica } from '../../database/replica/replica.ts'

export type ObservedReplica = Pick<Replica, 'status' | 'repeatedCount'>

/** Adds the metrics of the replica, as this process sees it; without a replica the gauges have no value. */
export function addReplicaMetrics(registry: Registry, replica: ObservedReplica | undefined): void {
  const registers = [registry]
  new Gauge({
    name: 'rex_replica_lag_seconds',
    help: 'Age of the data of the replica, the largest of all processes; missing while it is not known.',
    ...{ registers, aggregator: 'max' },
    collect() {
      const lagMs = replica?.status.lagMs
      if (lagMs === undefined) this.remove()
      else this.set(lagMs / 1000)
    },
  })
  new Gauge({
    name: 'rex_replica_in_use',
    help: '1 while lists are read from the replica, 0 while from the primary; 0 if one process does not use it.',
    ...{ registers, aggregator: 'min' },
    collect() {
      if (replica === undefined) this.remove()
      else this.set(replica.status.isInUse ? 1 : 0)
    },
  })
  new Counter({
    name: 'rex_replica_repeated_total',
    help: 'Statements that failed on the replica and ran on the primary.',
    registers,
    collect() {
      this.reset()
      this.inc(replica?.repeatedCount ?? 0)
    },
  })
}
