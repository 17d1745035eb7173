import { AggregatorRegistry, type MetricObject, type Registry } from 'prom-client'

/** Metrics of one process, as prom-client describes them. */
export type ProcessMetrics = MetricObject[]

/** Sums up the metrics of processes, each in the way that its definition chooses (`aggregator`). */
export function sumUp(processes: readonly ProcessMetrics[]): Registry {
  return AggregatorRegistry.aggregate([...processes])
}
