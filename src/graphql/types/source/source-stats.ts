import { unpreparedStatement } from '../../../database/database.ts'
import { firstIdAt } from '../../../platform/ids.ts'
import { createDataLoader } from '../../schema/relay/data-loader.ts'

/** Requests of a source over the last 24 hours. */
export interface SourceStats {
  readonly accepted: number
  readonly held: number
  readonly ignored: number
  readonly refused: number
}

export const noRequests: SourceStats = { accepted: 0, held: 0, ignored: 0, refused: 0 }

const dayMs = 86_400_000
/** Maximum difference between a node's clock, which ids contain, and the database's clock, which sets the time. */
const maxClockDifferenceMs = 3_600_000

/** Loads statistics with one statement for all sources of a list; undefined for a source without requests. */
export const sourceStats = createDataLoader<string, SourceStats>(async ({ database, viewer }, ids) => {
  const firstId = firstIdAt('submission', Date.now() - dayMs - maxClockDifferenceMs)
  const rows = await database.query<SourceStats & { source_id: string }>(selectStats, [
    viewer.workspaceId,
    ids,
    firstId,
  ])
  return new Map(rows.map(({ source_id: id, ...stats }) => [id, stats]))
})

// Indexes: submission_source_idx, from the first id of the day; source_refusals_pkey.
const selectStats = unpreparedStatement(
  'select_source_stats',
  `select source_id,
          sum(accepted)::int as accepted,
          sum(held)::int as held,
          sum(ignored)::int as ignored,
          sum(refused)::int as refused
   from (
     select source_id,
            count(*) filter (where status = 'ACCEPTED') as accepted,
            count(*) filter (where status = 'HELD') as held,
            count(*) filter (where status = 'IGNORED') as ignored,
            0 as refused
     from submission
     where workspace_id = $1
       and source_id = any ($2::text[])
       and id >= $3
       and received_at > now() - interval '24 hours'
     group by source_id
     union all
     select source_id, 0, 0, 0, sum(count)
     from source_refusals
     where workspace_id = $1
       and source_id = any ($2::text[])
       and hour > now() - interval '24 hours'
     group by source_id
   ) as counted
   group by source_id`,
)
