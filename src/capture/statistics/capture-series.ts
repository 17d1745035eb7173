import { type Database, unpreparedStatement } from '../../database/database.ts'
import {
  bucketStarts,
  type CaptureTotals,
  noCaptures,
  type StatsRequest,
  sumOf,
  totalColumns,
  totalsOf,
} from '../stats.ts'

/** Captures of one source; `isOther` for those of all sources that are not shown by name. */
export interface SourceTotals {
  /** Null for captures without a source. */
  readonly key: string | null
  readonly isOther: boolean
  readonly totals: CaptureTotals
}

export interface CaptureSeries {
  readonly totals: CaptureTotals
  /** Sources with the most captures first, the others last. */
  readonly sources: readonly SourceTotals[]
  /** All buckets in order, including those without a capture. */
  readonly buckets: readonly {
    readonly start: Date
    readonly totals: CaptureTotals
    readonly bySource: SourceTotals[]
  }[]
}

/** Sources that are shown by name. Anonymous callers choose sources, so there may be any number. */
const namedSources = 10

/** Counts the captures of a time range by bucket and source, in one statement. */
export async function readCaptureSeries(database: Database, request: StatsRequest): Promise<CaptureSeries> {
  const { workspaceId, from, to } = request
  const starts = bucketStarts(request)
  const rows = await database.query<SeriesRow>(countBySeries, [
    workspaceId,
    from.toISOString(),
    to.toISOString(),
    starts.map((start) => start.toISOString()),
    namedSources,
  ])
  const byBucket = Map.groupBy(rows, ({ bucket }) => bucket)
  const byRank = [...Map.groupBy(rows, ({ rank }) => rank)].sort(([one], [other]) => one - other)
  return {
    totals: totalOf(rows),
    sources: byRank.map(([, counted]) => sourceOf(counted)),
    buckets: starts.map((start, index) => {
      const counted = byBucket.get(index + 1) ?? []
      return { start, totals: totalOf(counted), bySource: counted.map((row) => sourceOf([row])) }
    }),
  }
}

/** Counts the captures of a time range. */
export async function readCaptureTotals(
  database: Database,
  { workspaceId, from, to }: Omit<StatsRequest, 'buckets'>,
): Promise<CaptureTotals> {
  const [row] = await database.query<CaptureTotals>(countTotals, [workspaceId, from.toISOString(), to.toISOString()])
  return row ?? noCaptures
}

interface SeriesRow extends CaptureTotals {
  readonly bucket: number
  readonly rank: number
  readonly source: string | null
}

function totalOf(rows: readonly CaptureTotals[]): CaptureTotals {
  return rows.map(totalsOf).reduce(sumOf, noCaptures)
}

function sourceOf(rows: readonly SeriesRow[]): SourceTotals {
  const [{ source = null, rank = 0 } = {}] = rows
  return { key: source, isOther: rank > namedSources, totals: totalOf(rows) }
}

// Index: submission_workspace_id_received_at_id_idx. The bucket is the number of starts that are not after the capture.
const countBySeries = unpreparedStatement(
  'count_captures_by_bucket_and_source',
  `with counted as (
     select width_bucket(received_at, $4::timestamptz[]) as bucket,
            source,
            ${totalColumns}
     from submission
     where workspace_id = $1
       and received_at >= $2::timestamptz
       and received_at < $3::timestamptz
       and status <> 'IGNORED'
     group by bucket, source
   ),
   summed as (
     select *, sum(received) over (partition by source) as of_source
     from counted
   ),
   ranked as (
     select *, least(dense_rank() over (order by of_source desc, source nulls last), $5 + 1)::int as rank
     from summed
   )
   select bucket, rank,
          case when rank <= $5 then min(source) end as source,
          sum(received)::int as received,
          sum(created)::int as created,
          sum(updated)::int as updated,
          sum(held)::int as held,
          sum(spam)::int as spam
   from ranked
   group by bucket, rank
   order by bucket, rank`,
)

// Index: submission_workspace_id_received_at_id_idx.
const countTotals = unpreparedStatement(
  'count_captures',
  `select ${totalColumns}
   from submission
   where workspace_id = $1
     and received_at >= $2::timestamptz
     and received_at < $3::timestamptz
     and status <> 'IGNORED'`,
)
