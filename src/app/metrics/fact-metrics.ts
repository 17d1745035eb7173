import { Gauge, type Registry } from 'prom-client'
import type { CachedFacts } from '../../server/facts/cached-facts.ts'
import type { Counts, ServerFacts } from '../../server/facts/server-facts.ts'

interface Fact {
  readonly name: string
  readonly help: string
  /** Undefined while it is not known: the metric is missing then. */
  readonly read: (facts: ServerFacts) => number | undefined
}

interface LabelledFact<Label extends string> {
  readonly name: string
  readonly help: string
  readonly label: Label
  readonly read: (facts: ServerFacts) => Iterable<readonly [label: string, value: number]>
}

const facts: readonly Fact[] = [
  {
    name: 'rex_event_log_position',
    help: 'Highest position of the event log.',
    read: ({ eventLogPosition }) => eventLogPosition,
  },
  {
    name: 'rex_deliveries_due',
    help: 'Deliveries that may be attempted now, or are in flight; 1,000 of an endpoint and 20,000 in all at most.',
    read: ({ deliveries }) => deliveries?.due,
  },
  {
    name: 'rex_delivery_oldest_due_seconds',
    help: 'Time for which the oldest due delivery has been due; 0 without one.',
    read: ({ deliveries }) => deliveries?.oldestDueSeconds,
  },
  {
    name: 'rex_database_silent',
    help: '1 while the database does not respond; the metrics that are read from it keep their last values.',
    read: ({ isDatabaseSilent }) => (isDatabaseSilent ? 1 : 0),
  },
]

const labelledFacts: readonly LabelledFact<string>[] = [
  {
    name: 'rex_reader_lag_events',
    help: 'Positions between a reader of the event log and its end.',
    label: 'reader',
    read: ({ readers = [] }) => readers.map(({ reader, lagEvents }) => [reader, lagEvents] as const),
  },
  {
    name: 'rex_reader_lag_seconds',
    help: 'Age of the first event that a reader of the event log has not read; 0 when it has read all.',
    label: 'reader',
    read: ({ readers = [] }) => readers.map(({ reader, lagSeconds }) => [reader, lagSeconds] as const),
  },
  {
    name: 'rex_endpoints',
    help: 'Webhook endpoints: enabled, failing (enabled, without a success since the last failure), disabled, auto_disabled.',
    label: 'status',
    read: ({ endpoints }) => withZeros(endpoints, ['enabled', 'failing', 'disabled', 'auto_disabled']),
  },
  {
    name: 'rex_submissions_held',
    help: 'Submissions that are held, by their first reason; 10,000 at most are counted.',
    label: 'reason',
    read: ({ held = new Map() }) => held,
  },
  {
    name: 'rex_table_bytes',
    help: 'Bytes of a table with its indexes.',
    label: 'table',
    read: ({ tableBytes = new Map() }) => tableBytes,
  },
]

/** Adds the metrics that are read from the database. All nodes report the same, so a sum over nodes has no meaning. */
export function addFactMetrics(registry: Registry, cached: CachedFacts): void {
  for (const fact of facts) addGauge(registry, cached, fact)
  for (const fact of labelledFacts) addLabelledGauge(registry, cached, fact)
}

function addGauge(registry: Registry, cached: CachedFacts, { name, help, read }: Fact): void {
  new Gauge({
    ...{ name, help, registers: [registry], aggregator: 'max' },
    async collect() {
      const value = read(await cached.current())
      if (value === undefined) this.remove()
      else this.set(value)
    },
  })
}

function addLabelledGauge(registry: Registry, cached: CachedFacts, fact: LabelledFact<string>): void {
  const { name, help, label, read } = fact
  new Gauge({
    ...{ name, help, labelNames: [label], registers: [registry], aggregator: 'max' },
    async collect() {
      const values = read(await cached.current())
      this.reset()
      for (const [of, value] of values) this.set({ [label]: of }, value)
    },
  })
}

/** Adds the names without a count, so that an alert sees a fall to zero; nothing while the counts are not known. */
function withZeros(counts: Counts | undefined, names: readonly string[]): Counts {
  if (counts === undefined) return new Map()
  return new Map([...names.map((name) => [name, 0] as const), ...counts])
}
