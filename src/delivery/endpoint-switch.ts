import { type Database, type Statement, statement, type Tx, unpreparedStatement } from '../database/database.ts'
import type { WebhookEndpointStatus } from '../generated/prisma/enums.ts'
import type { EndpointDeliveries, EndpointKey } from '../webhooks/endpoint-deliveries.ts'

/** Deliveries that one step changes. */
export const switchStep = 1000

/**
 * Changes an endpoint's deliveries when it is disabled, enabled or deleted. After the commit the endpoint's own row
 * decides whether its deliveries are claimed. The transaction of the switch updates one step of them; if there are more,
 * it adds a row to `endpoint_switch`, and a job updates the rest.
 */
export const endpointDeliveries: EndpointDeliveries = {
  hold: (tx, key) => begin(tx, holdOpen, key),
  release: (tx, key) => begin(tx, releaseHeld, key),
  cancel: async (tx, key) => {
    // First the attempts in flight, at most `max_in_flight`: without its lease an attempt settles nothing.
    await tx.query(cancelLeased, [key.workspaceId, key.endpointId])
    await begin(tx, cancelOpen, key)
  },
}

async function begin(tx: Tx, change: Statement, key: EndpointKey): Promise<void> {
  if (await step(tx, change, key)) await tx.query(insertSwitch, [key.workspaceId, key.endpointId])
}

/** Updates one step of deliveries and returns whether more may be left. */
async function step(tx: Tx, change: Statement, { workspaceId, endpointId }: EndpointKey): Promise<boolean> {
  const changed = await tx.query(change, [workspaceId, endpointId, switchStep])
  return changed.length === switchStep
}

/**
 * Runs one step of the switch that has waited longest and returns whether there was one. The endpoint's current status
 * decides the change, so an endpoint that was switched back in the meantime needs no special case.
 */
export async function stepEndpointSwitch(database: Database): Promise<boolean> {
  return database.inTransaction(async (tx) => {
    const [next] = await tx.query<{ workspace_id: string; endpoint_id: string }>(lockNextSwitch)
    if (next === undefined) return false
    const key = { workspaceId: next.workspace_id, endpointId: next.endpoint_id }
    const [endpoint] = await tx.query<{ status: WebhookEndpointStatus }>(lockEndpoint, [
      key.workspaceId,
      key.endpointId,
    ])
    const more = await step(tx, changeFor(endpoint?.status), key)
    await tx.query(more ? moveSwitch : deleteSwitch, [key.workspaceId, key.endpointId])
    return true
  })
}

function changeFor(status: WebhookEndpointStatus | undefined): Statement {
  if (status === undefined) return cancelOpen
  return status === 'ENABLED' ? releaseHeld : holdOpen
}

// Index: delivery_open_idx. Deliveries in flight keep their lease, so that their attempt is recorded.
const holdOpen = unpreparedStatement(
  'hold_deliveries',
  `update delivery
   set status = 'HELD',
       next_attempt_at = null,
       waits_in_lane = false
   where workspace_id = $1
     and id = any (array(
       select id
       from delivery
       where workspace_id = $1
         and endpoint_id = $2
         and status in ('PENDING', 'RETRYING')
       limit $3
       for update
     ))
   returning id`,
)

// Index: delivery_held_idx. The oldest events become due first and are sent first.
const releaseHeld = unpreparedStatement(
  'release_deliveries',
  `update delivery
   set status = case when attempt_count = 0 then 'PENDING' else 'RETRYING' end::delivery_status,
       next_attempt_at = now()
   where workspace_id = $1
     and id = any (array(
       select id
       from delivery
       where workspace_id = $1
         and endpoint_id = $2
         and status = 'HELD'
       order by event_position
       limit $3
       for update
     ))
   returning id`,
)

// Indexes: delivery_open_idx, delivery_held_idx. Nothing moves between the two: every change of these statuses locks the
// endpoint first.
const cancelOpen = unpreparedStatement(
  'cancel_deliveries',
  `update delivery
   set status = 'CANCELED',
       next_attempt_at = null,
       lease_until = null,
       completed_at = now()
   where workspace_id = $1
     and id = any (array(
       select id
       from (
         select id
         from delivery
         where workspace_id = $1
           and endpoint_id = $2
           and status in ('PENDING', 'RETRYING')
         limit $3
         for update
       ) open
       union all
       select id
       from (
         select id
         from delivery
         where workspace_id = $1
           and endpoint_id = $2
           and status = 'HELD'
         limit $3
         for update
       ) held
       limit $3
     ))
   returning id`,
)

// Index: delivery_lease_idx.
const cancelLeased = statement(
  'cancel_leased_deliveries',
  `update delivery
   set status = 'CANCELED',
       next_attempt_at = null,
       lease_until = null,
       completed_at = now()
   where workspace_id = $1
     and endpoint_id = $2
     and lease_until is not null
     and status in ('PENDING', 'RETRYING', 'HELD')`,
)

const insertSwitch = statement(
  'insert_endpoint_switch',
  `insert into endpoint_switch (workspace_id, endpoint_id)
   values ($1, $2)
   on conflict do nothing`,
)

// No index: the table has one row per endpoint with steps left, so only a few rows.
const lockNextSwitch = statement(
  'lock_next_endpoint_switch',
  `select workspace_id, endpoint_id
   from endpoint_switch
   order by stepped_at
   limit 1
   for update skip locked`,
)

// Index: webhook_endpoint_pkey. The lock prevents another switch before the commit. Not `for key share`: after a wait for
// another switch that may return the status from before it.
const lockEndpoint = statement(
  'lock_switched_endpoint',
  `select status
   from webhook_endpoint
   where workspace_id = $1
     and id = $2
   for share`,
)

// Index: endpoint_switch_pkey.
const moveSwitch = statement(
  'move_endpoint_switch',
  `update endpoint_switch
   set stepped_at = clock_timestamp()
   where workspace_id = $1
     and endpoint_id = $2`,
)

// Index: endpoint_switch_pkey.
const deleteSwitch = statement(
  'delete_endpoint_switch',
  `delete from endpoint_switch
   where workspace_id = $1
     and endpoint_id = $2`,
)
