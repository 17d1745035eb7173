import { lockText } from '../database/advisory-locks.ts'
import { opening, type Queryable, statement, type Tx, unpreparedStatement } from '../database/database.ts'
import { currentTraceparent, isTracing } from '../platform/tracing/tracing.ts'
import { bodyOf, type EventDraft, type LoggedEvent } from './event-types.ts'
import { positionText, someBehindText } from './position.ts'

/**
 * Appends events to the log in this order and returns their positions. It must be the last write of a
 * transaction: until the commit it holds the lock that makes the order of positions the order of commits. So a reader
 * of position n has seen all positions below n (docs/decisions/0002).
 */
export async function appendEvents(tx: Tx, drafts: readonly EventDraft[]): Promise<number[]> {
  if (drafts.length === 0) return []
  const columnsOfDrafts = [
    drafts.map((draft) => draft.workspaceId),
    drafts.map((draft) => draft.id),
    drafts.map((draft) => draft.type),
    drafts.map((draft) => draft.contactId),
    drafts.map((draft) => draft.endpointId ?? null),
    drafts.map(bodyOf),
    drafts.map((draft) => draft.occurredAt.toISOString()),
  ]
  const rows = isTracing()
    ? await tx.query<PositionRow>(insertTracedEvents, [...columnsOfDrafts, drafts.map(traceparentOf)])
    : await tx.query<PositionRow>(insertEvents, columnsOfDrafts)
  return rows.map(({ position }) => position)
}

interface PositionRow {
  position: number
}

function traceparentOf({ traceparent }: EventDraft): string | null {
  return traceparent ?? currentTraceparent()
}

/** Returns the events after a position, in order: those of one workspace, or of all. */
export async function readEventsAfter(
  database: Queryable,
  request: { readonly position: number; readonly limit: number; readonly workspaceId?: string },
): Promise<LoggedEvent[]> {
  const { position, limit, workspaceId } = request
  const rows =
    workspaceId === undefined
      ? await database.query<EventRow>(selectAfter, [position, limit])
      : await database.query<EventRow>(selectAfterOfWorkspace, [position, limit, workspaceId])
  return rows.map(eventOf)
}

/** Event without its body, which may be large, and with the endpoint that a `webhook.*` event is about. */
export type EventHead = Omit<LoggedEvent, 'body' | 'createdAt'> & {
  readonly subjectId: string | null
  /** Trace that made it; null where tracing was off. */
  readonly traceparent: string | null
}

/** Event as an attempt sends it. */
export type SentEvent = Pick<LoggedEvent, 'id' | 'type' | 'body'> & Pick<EventHead, 'traceparent'>

/** Heads of the next events, and whether the reader has left workspaces behind; without events that is unknown. */
interface NextHeads {
  readonly heads: readonly EventHead[]
  readonly someBehind: boolean | undefined
}

/** Reads the heads of the next events of all workspaces for a durable reader, in order. */
export async function readNextHeads(tx: Tx, reader: string, limit: number): Promise<NextHeads> {
  const rows = await tx.query<HeadRow & { some_behind: boolean }>(selectNextHeads, [reader, limit])
  return { heads: rows.map(headOf), someBehind: rows[0]?.some_behind }
}

/** Reads the heads of the events of a workspace between two positions, in order. */
export async function readEventHeads(
  database: Queryable,
  request: { readonly workspaceId: string; readonly position: number; readonly upTo: number; readonly limit: number },
): Promise<EventHead[]> {
  const { workspaceId, position, upTo, limit } = request
  const rows = await database.query<HeadRow>(selectHeadsOfWorkspace, [position, limit, workspaceId, upTo])
  return rows.map(headOf)
}

/** Returns the highest committed position; 0 for an empty log. */
export async function headPosition(database: Queryable): Promise<number> {
  const [row] = await database.query<{ position: number }>(selectHead)
  return row?.position ?? 0
}

interface EventRow {
  workspace_id: string
  id: string
  position: number
  type: string
  contact_id: string | null
  endpoint_id: string | null
  body: string
  created_at: Date
  redacted_at: Date | null
}

function eventOf(row: EventRow): LoggedEvent {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    position: row.position,
    type: row.type,
    contactId: row.contact_id,
    endpointId: row.endpoint_id,
    body: row.body,
    createdAt: row.created_at,
    redactedAt: row.redacted_at,
  }
}

interface HeadRow extends Omit<EventRow, 'body' | 'created_at'> {
  subject_id: string | null
  traceparent: string | null
}

function headOf(row: HeadRow): EventHead {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    position: row.position,
    type: row.type,
    contactId: row.contact_id,
    endpointId: row.endpoint_id,
    redactedAt: row.redacted_at,
    subjectId: row.subject_id,
    traceparent: row.traceparent,
  }
}

const columns = 'workspace_id, id, position, type, contact_id, endpoint_id, body, created_at, redacted_at'

/** Is computed before the rows of a cross join with it, so their positions are taken after the wait for the lock. */
const lockedLog = `(select count(*) from (${lockText('eventLog')}) waited) locked`

const insertEvents = statement(
  'insert_events',
  `insert into event (workspace_id, id, type, contact_id, endpoint_id, body, created_at)
   select workspace_id, id, type, contact_id, endpoint_id, body, created_at
   from ${lockedLog}
   cross join unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
     with ordinality as draft (workspace_id, id, type, contact_id, endpoint_id, body, created_at, place)
   order by place
   returning position`,
)

const insertTracedEvents = statement(
  'insert_traced_events',
  `insert into event (workspace_id, id, type, contact_id, endpoint_id, body, created_at, traceparent)
   select workspace_id, id, type, contact_id, endpoint_id, body, created_at, traceparent
   from ${lockedLog}
   cross join unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[])
     with ordinality as draft (workspace_id, id, type, contact_id, endpoint_id, body, created_at, traceparent, place)
   order by place
   returning position`,
)

// Index: event_position_idx.
const selectAfter = statement(
  'select_events_after',
  `select ${columns}
   from event
   where position > $1
   order by position
   limit $2`,
)

// Index: event_workspace_id_position_key.
const selectAfterOfWorkspace = unpreparedStatement(
  'select_workspace_events_after',
  `select ${columns}
   from event
   where workspace_id = $3
     and position > $1
   order by position
   limit $2`,
)

/**
 * Finds the id of the endpoint that a `webhook.*` event is about. It is a pattern, since an error in parsing an invalid
 * body would stop the reader for all workspaces.
 */
export const subjectPattern = `'"data" ?: ?[{]"id" ?: ?"([^"]+)"'`

const headColumns = `workspace_id, id, position, type, contact_id, endpoint_id, redacted_at, traceparent,
          case when type like 'webhook.%' then substring(body from ${subjectPattern}) end as subject_id`

// Indexes: reader_position_pkey, event_position_idx.
const selectNextHeads = opening(
  statement(
    'select_next_event_heads',
    `select ${headColumns}, ${someBehindText('$1')} as some_behind
     from event
     where position > ${positionText('$1')}
     order by position
     limit $2`,
  ),
)

// Index: event_workspace_id_position_key.
const selectHeadsOfWorkspace = unpreparedStatement(
  'select_workspace_event_heads_after',
  `select ${headColumns}
   from event
   where workspace_id = $3
     and position > $1
     and position <= $4
   order by position
   limit $2`,
)

// Index: event_position_idx, only its end.
const selectHead = statement('select_event_head', 'select coalesce(max(position), 0) as position from event')
