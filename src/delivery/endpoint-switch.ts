import { type Database, type Statement, statement, type Tx } from '../database/database.ts'
import type { WebhookEndpointStatus } from '../generated/prisma/enums.ts'
import type { EndpointDeliveries, EndpointKey } from '../webhooks/endpoint-deliveries.ts'

/** Deliveries that one step changes. */
export const switchStep = 1000

/**
 * What becomes of an endpoint's deliveries when it is disabled, enabled or deleted. The endpoint's own row decides what is
 * claimed, from the commit on; its deliveries follow. One step of them changes at once, in the transaction of the switch;
 * when there are more, a row of `endpoint_switch` has the others follow.
 */
export const endpointDeliveries: EndpointDeliveries = {
  hold: (tx, key) => begin(tx, holdOpen, key),
  release: (tx, key) => begin(tx, releaseHeld, key),
  cancel: async (tx, key) => {
    // First what is in flight, at most `max_in_flight`: without its lease an attempt settles nothing.
    await tx.query(cancelLeased, [key.workspaceId, key.endpointId])
    await begin(tx, cancelOpen, key)
  },
}

async function begin(tx: Tx, change: Statement, key: EndpointKey): Promise<void> {
  if (await step(tx, change, key)) await tx.query(insertSwitch, [key.workspaceId, key.endpointId])
}

/** Returns whether more may be left. */
async function step(tx: Tx, change: Statement, { workspaceId, endpointId }: EndpointKey): Promise<boolean> {
  const changed = await tx.query(change, [workspaceId, endpointId, switchStep])
  return changed.length === switchStep
}

/**
 * Does one step of the switch that has waited longest and returns whether there was one. What it does follows from what
 * the endpoint is by now, so that a switch back in between needs no care.
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

// Index: delivery_open_idx. What is in flight keeps its lease, so that its attempt is recorded.
const holdOpen = statement(
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

// Index: delivery_held_idx. The oldest events fall due first, and so go first.
const releaseHeld = statement(
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

// Index: delivery_lane_idx.
const cancelOpen = statement(
  'cancel_deliveries',
  `update delivery
   set status = 'CANCELED',
       next_attempt_at = null,
       lease_until = null,
       completed_at = now()
   where workspace_id = $1
     and id = any (array(
       select id
       from delivery
       where workspace_id = $1
         and endpoint_id = $2
         and status in ('PENDING', 'RETRYING', 'HELD')
       limit $3
       for update
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

// No index: the table has a row for each endpoint with a step to follow, which are few.
const lockNextSwitch = statement(
  'lock_next_endpoint_switch',
  `select workspace_id, endpoint_id
   from endpoint_switch
   order by stepped_at
   limit 1
   for update skip locked`,
)

// Index: webhook_endpoint_pkey. It is not switched again between this look and the commit.
const lockEndpoint = statement(
  'lock_switched_endpoint',
  `select status
   from webhook_endpoint
   where workspace_id = $1
     and id = $2
   for key share`,
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
