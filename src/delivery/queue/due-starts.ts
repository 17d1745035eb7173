import { LRUCache } from 'lru-cache'

/** Endpoints whose start is remembered. With more of them, each has few dead entries to pass. */
const maxEndpoints = 100
/** Time for which a start may be used: afterwards everything that is due is looked at again. */
const maxAgeMs = 1000

/** The place in the queue of an endpoint before which a look has found nothing that can be claimed. */
export interface DueStart {
  readonly workspace_id: string
  readonly endpoint_id: string
  /** Time in PostgreSQL's format and position of an event, the order of the queue. */
  readonly start_at: string
  readonly start_position: string
}

/**
 * Remembers where the due deliveries of endpoints start. What has been sent leaves dead entries in the index of open
 * deliveries until a vacuum, and without a start each look at what is due passes all of them (docs/decisions/0053). A
 * delivery that becomes due before the start, such as that of a lease which is returned, is found by the first look after
 * the start has expired.
 */
export interface DueStarts {
  /** Begins a look at what is due, at some endpoints or at all. */
  beginLook(endpoints?: Iterable<{ readonly workspaceId: string; readonly endpointId: string }>): DueLook
  /** Makes the next look find every due delivery of the endpoint. */
  forget(workspaceId: string, endpointId: string): void
}

/** One look at what is due. */
interface DueLook {
  /** The starts that it may use. */
  readonly known: readonly DueStart[]
  /** Remembers the starts that the look has found. */
  record(starts: readonly DueStart[]): void
}

export function createDueStarts(): DueStarts {
  const starts = new LRUCache<string, DueStart>({ max: maxEndpoints, ttl: maxAgeMs })
  let timesForgotten = 0

  return {
    beginLook: (endpoints) => {
      const start = performance.now()
      const timesBefore = timesForgotten
      const asked = endpoints && new Set([...endpoints].map((each) => keyOf(each.workspaceId, each.endpointId)))
      const used = new Map([...(asked ?? starts.keys())].map((key) => [key, starts.peek(key)]))
      return {
        known: [...used.values()].filter((known) => known !== undefined),
        record: (found) => {
          // The look may have read what is forgotten as it was before.
          if (timesForgotten > timesBefore) return
          for (const each of found) {
            const key = keyOf(each.workspace_id, each.endpoint_id)
            const known = used.get(key)
            // A look that used a start has not seen what is before it, and does not make it last longer.
            if (known === undefined) starts.set(key, each, { start })
            else if (starts.peek(key) === known) starts.set(key, each, { noUpdateTTL: true })
          }
        },
      }
    },
    forget: (workspaceId, endpointId) => {
      timesForgotten++
      starts.delete(keyOf(workspaceId, endpointId))
    },
  }
}

function keyOf(workspaceId: string, endpointId: string): string {
  return `${workspaceId} ${endpointId}`
}

/** Parameters of a statement for known starts, in the order of `knownStarts`. */
export function startColumns(known: readonly DueStart[]): readonly (readonly string[])[] {
  return [
    known.map((start) => start.workspace_id),
    known.map((start) => start.endpoint_id),
    known.map((start) => start.start_at),
    known.map((start) => start.start_position),
  ]
}

/** Query for known starts, from four parameters of which the first has this number. */
export function knownStarts(first: number): string {
  return `known as materialized (
     select *
     from unnest($${first}::text[], $${first + 1}::text[], $${first + 2}::timestamptz[], $${first + 3}::bigint[])
       as given (workspace_id, endpoint_id, start_at, start_position)
   )`
}

/**
 * Condition for a delivery `d` of an endpoint that can be claimed now, from its start on. Index: delivery_open_idx. With
 * "lease_until is null or" the planner may read all of them by other indexes.
 */
export function isDueFrom(start: string): string {
  return `d.status in ('PENDING', 'RETRYING')
         and d.next_attempt_at <= now()
         and (d.next_attempt_at, d.event_position)
           >= (coalesce(${start}.start_at, '-infinity'), coalesce(${start}.start_position, 0))
         and coalesce(d.lease_until, '-infinity') <= now()`
}

/**
 * Columns with the next start after a look: the place of the `first` delivery that it has found, but none in the last
 * second, so that deliveries whose transactions end late are found.
 */
export function nextStart(first: string): string {
  const isOld = `${first}.next_attempt_at < now() - interval '${maxAgeMs} milliseconds'`
  return `(case when ${isOld} then ${first}.next_attempt_at else now() - interval '${maxAgeMs} milliseconds' end)::text as start_at,
          (case when ${isOld} then ${first}.event_position else 0 end)::text as start_position`
}
