import { type Database, unpreparedStatement } from '../database/database.ts'

/** Number of captures by result; `received` also counts those that changed nothing. Ignored events of tools are no captures. */
export interface CaptureTotals {
  readonly received: number
  readonly created: number
  readonly updated: number
  readonly held: number
  readonly spam: number
}

export interface CaptureStats {
  readonly totals: CaptureTotals
  /** All buckets in order, including those without a capture. */
  readonly buckets: readonly { readonly start: Date; readonly totals: CaptureTotals }[]
  /** Sources with the most captures; null for captures without a source. */
  readonly bySource: readonly { readonly key: string | null; readonly totals: CaptureTotals }[]
}

export interface StatsRequest {
  readonly workspaceId: string
  /** Inclusive. */
  readonly from: Date
  /** Exclusive; after `from`. */
  readonly to: Date
  /** Number of buckets of equal width, to the millisecond. */
  readonly buckets: number
}

const maxSources = 50

/** Counts the captures of a time range, in two statements. */
export async function readCaptureStats(database: Database, request: StatsRequest): Promise<CaptureStats> {
  const { workspaceId, from, to } = request
  const starts = bucketStarts(request)
  const range = [workspaceId, from.toISOString(), to.toISOString()]
  const counted = await database.query<CaptureTotals & { bucket: number }>(countByBucket, [
    ...range,
    starts.map((start) => start.toISOString()),
  ])
  const sources = await database.query<CaptureTotals & { source: string | null }>(countBySource, [...range, maxSources])
  const byBucket = new Map(counted.map((row) => [row.bucket, totalsOf(row)]))
  return {
    totals: counted.map(totalsOf).reduce(sumOf, noCaptures),
    buckets: starts.map((start, index) => ({ start, totals: byBucket.get(index + 1) ?? noCaptures })),
    bySource: sources.map((row) => ({ key: row.source, totals: totalsOf(row) })),
  }
}

export function bucketStarts({ from, to, buckets }: StatsRequest): Date[] {
  const width = (to.getTime() - from.getTime()) / buckets
  return Array.from({ length: buckets }, (_, index) => new Date(from.getTime() + Math.round(index * width)))
}

export const noCaptures: CaptureTotals = { received: 0, created: 0, updated: 0, held: 0, spam: 0 }

export function totalsOf({ received, created, updated, held, spam }: CaptureTotals): CaptureTotals {
  return { received, created, updated, held, spam }
}

export function sumOf(a: CaptureTotals, b: CaptureTotals): CaptureTotals {
  return {
    received: a.received + b.received,
    created: a.created + b.created,
    updated: a.updated + b.updated,
    held: a.held + b.held,
    spam: a.spam + b.spam,
  }
}

export const totalColumns = `count(*)::int as received,
          (count(*) filter (where outcome = 'CREATED'))::int as created,
          (count(*) filter (where outcome = 'UPDATED'))::int as updated,
          (count(*) filter (where status = 'HELD'))::int as held,
          (count(*) filter (where status = 'SPAM'))::int as spam`

// Index: submission_workspace_id_received_at_id_idx. The bucket is the number of starts that are not after the capture.
const countByBucket = unpreparedStatement(
  'count_captures_by_bucket',
  `select width_bucket(received_at, $4::timestamptz[]) as bucket,
          ${totalColumns}
   from submission
   where workspace_id = $1
     and received_at >= $2::timestamptz
     and received_at < $3::timestamptz
     and status <> 'IGNORED'
   group by bucket`,
)

// Index: submission_workspace_id_received_at_id_idx.
const countBySource = unpreparedStatement(
  'count_captures_by_source',
  `select source,
          ${totalColumns}
   from submission
   where workspace_id = $1
     and received_at >= $2::timestamptz
     and received_at < $3::timestamptz
     and status <> 'IGNORED'
   group by source
   order by received desc, source nulls last
   limit $4`,
)
