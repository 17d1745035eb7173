import { statement } from '../../../database/database.ts'
import { createDataLoader } from '../../schema/relay/data-loader.ts'

/** Replay as lists show it. */
export interface ReplayRow {
  readonly id: string
  readonly endpointId: string
  readonly from: Date
  readonly to: Date
  readonly matched: number
  readonly enqueued: number
  readonly createdAt: Date
  readonly completedAt: Date | null
}

const shownReplays = 10
/** Replays of the workspace that are looked at, so that an endpoint without any costs no more than others. */
const readReplays = 200

/** Loads the newest replays of endpoints, newest first, with one statement; undefined for an endpoint without any. */
export const endpointReplays = createDataLoader<string, readonly ReplayRow[]>(async ({ database, viewer }, ids) => {
  const rows = await database.query<ReplayRow>(selectNewest, [viewer.workspaceId, ids, readReplays])
  const byEndpoint = Map.groupBy(rows, ({ endpointId }) => endpointId)
  return new Map([...byEndpoint].map(([id, replays]) => [id, replays.slice(0, shownReplays)]))
})

// Index: replay_pkey, from its end.
const selectNewest = statement(
  'select_newest_replays',
  `select id, endpoint_id as "endpointId", "from", "to", matched, enqueued, created_at as "createdAt",
          completed_at as "completedAt"
   from (
     select *
     from replay
     where workspace_id = $1
     order by id desc
     limit $3
   ) newest
   where endpoint_id = any ($2::text[])
   order by id desc`,
)
