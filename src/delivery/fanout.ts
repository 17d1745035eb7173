import { type Database, statement, type Tx } from '../database/database.ts'
import { type LoggedEvent, parseBody } from '../events/catalogue.ts'
import { readEventsAfter } from '../events/log.ts'
import { lockPosition, movePosition } from '../events/position.ts'
import type { WebhookEndpointStatus } from '../generated/prisma/enums.ts'
import { wantsEvent } from '../webhooks/matching.ts'
import { fanOutReader, findToldEndpoints, type Told } from './erasure.ts'
import { addDeliveries, type NewDelivery } from './queue.ts'

/** Events of one batch: when it is full, more may wait. */
export const fanOutSize = 500

/**
 * Reads the log after its durable position and owes one delivery to each endpoint that wants an event; answers how many
 * events it read. One transaction, so that a crash repeats it whole, and whichever node comes first does it.
 */
export async function fanOut(database: Database, firstDelaySeconds: number): Promise<number> {
  return database.inTransaction(async (tx) => {
    const position = await lockPosition(tx, fanOutReader)
    const events = await readEventsAfter(tx, { position, limit: fanOutSize })
    const last = events.at(-1)
    if (last === undefined) return 0
    const endpoints = await lockEndpoints(tx, events)
    const told = await findToldEndpoints(tx, events)
    const owed = events.flatMap((event) =>
      endpoints.filter((endpoint) => isOwed(event, endpoint, told.get(event.id))).map(owe(event)),
    )
    await addDeliveries(tx, owed, firstDelaySeconds)
    await movePosition(tx, fanOutReader, last.position)
    return events.length
  })
}

/**
 * What is acknowledged reaches the endpoints that were there by then. Positions tell it, not times: a capture that
 * waits begins before an endpoint is made and commits after. A younger endpoint gets older events by a replay. Of an
 * erased contact nothing is owed but `contact.erased`: to whoever has been told of it, wanted or not (decision 8).
 */
function isOwed(event: LoggedEvent, endpoint: EndpointRow, told: Told | undefined): boolean {
  if (event.workspaceId !== endpoint.workspace_id || event.redactedAt !== null) return false
  if (told?.has(endpoint)) return true
  if (event.endpointId !== null) return event.endpointId === endpoint.id
  if (isAbout(event, endpoint)) return false
  return wantsEvent(endpoint.events, event.type) && event.position > endpoint.after_position
}

/** An endpoint does not hear of its own health: each failure to tell it would be one more to tell. */
function isAbout({ type, body }: LoggedEvent, { id }: EndpointRow): boolean {
  return type.startsWith('webhook.') && parseBody(body).data['id'] === id
}

const owe =
  (event: LoggedEvent) =>
  (endpoint: EndpointRow): NewDelivery => ({
    workspaceId: event.workspaceId,
    endpointId: endpoint.id,
    eventId: event.id,
    eventPosition: event.position,
    contactId: event.contactId,
    status: endpoint.status === 'ENABLED' ? 'PENDING' : 'HELD',
    trigger: event.endpointId === null ? 'AUTOMATIC' : 'TEST',
  })

/** Locked for sharing, so that none is disabled or deleted between this look and the commit. */
async function lockEndpoints(tx: Tx, events: readonly LoggedEvent[]): Promise<EndpointRow[]> {
  const workspaceIds = [...new Set(events.map((event) => event.workspaceId))]
  return tx.query<EndpointRow>(selectEndpoints, [workspaceIds])
}

interface EndpointRow {
  workspace_id: string
  id: string
  events: string[]
  status: WebhookEndpointStatus
  after_position: number
}

// Index: webhook_endpoint_pkey.
const selectEndpoints = statement(
  'select_endpoints_of_workspaces',
  `select workspace_id, id, events, status, after_position
   from webhook_endpoint
   where workspace_id = any ($1::text[])
   order by workspace_id, id
   for share`,
)
