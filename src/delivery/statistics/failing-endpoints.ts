import { type Database, unpreparedStatement } from '../../database/database.ts'

/** Endpoint that fails, or that was disabled for it. */
export interface FailingEndpoint {
  readonly endpointId: string
  readonly failingSince: Date | null
  /** Failures since the last success. */
  readonly failures: number
  /** Newest failed attempt that is kept. */
  readonly lastAttemptId: string | null
}

const maxShown = 20

/** Returns the endpoints that fail or are disabled for it, those that failed first at the start. */
export function readFailingEndpoints(database: Database, workspaceId: string): Promise<FailingEndpoint[]> {
  return database.query<FailingEndpoint>(selectFailing, [workspaceId, maxShown])
}

// Indexes: webhook_endpoint_pkey (a workspace has 100 endpoints at most), delivery_endpoint_troubled_idx,
// attempt_workspace_id_delivery_id_number_key.
const selectFailing = unpreparedStatement(
  'select_failing_endpoints',
  `select e.id as "endpointId",
          e.failing_since as "failingSince",
          e.failure_count as failures,
          failed.id as "lastAttemptId"
   from webhook_endpoint e
   left join lateral (
     select a.id
     from unnest('{RETRYING,FAILED,HELD}'::delivery_status[]) as troubled (status)
     cross join lateral (
       select d.id
       from delivery d
       where d.workspace_id = e.workspace_id
         and d.endpoint_id = e.id
         and d.status = troubled.status
         and d.status = any ('{RETRYING,FAILED,HELD,CANCELED}'::delivery_status[])
       order by d.id desc
       limit 10
     ) as d
     join attempt a on a.workspace_id = e.workspace_id and a.delivery_id = d.id
     where a.error is not null
     order by a.id desc
     limit 1
   ) as failed on true
   where e.workspace_id = $1
     and (e.status = 'AUTO_DISABLED' or (e.status = 'ENABLED' and e.failing_since is not null))
   order by e.failing_since nulls last, e.id
   limit $2`,
)
