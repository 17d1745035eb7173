import { unpreparedStatement } from '../../../database/database.ts'
import { cancellable } from '../../../events/bounded-buffer.ts'
import type { LoggedEvent } from '../../../events/event-types.ts'
import type { Event as EventRow } from '../../../generated/prisma/client.ts'
import type { Context } from '../../execution/context.ts'
import { refusal } from '../../execution/errors.ts'

/** Notice for a subscriber that resumes after retention has deleted events after its cursor. */
export interface StreamGap {
  readonly reason: string
  readonly resumedAt: string
}

export function isStreamGap(item: object): item is StreamGap {
  return 'resumedAt' in item
}

/**
 * Yields the viewer's events in order: first the events after the cursor, then live events.
 * @throws INVALID_CURSOR immediately, and SlowSubscriberError during iteration
 */
export async function eventsAfter(
  context: Context,
  cursor: string | null | undefined,
  types: readonly string[] | null | undefined,
): Promise<AsyncGenerator<EventRow | StreamGap>> {
  const { workspaceId } = context.viewer
  if (cursor == null) return wantedEvents(context, undefined, undefined, types)
  const position = context.cursors.positionOf(workspaceId, cursor)
  if (position === undefined) throw refusal('INVALID_CURSOR', 'This cursor does not belong to this stream.')
  const { after, gap } = await findStart(context, position)
  return wantedEvents(context, after, gap, types)
}

async function wantedEvents(
  { live, viewer: { workspaceId } }: Context,
  after: number | undefined,
  gap: StreamGap | undefined,
  types: readonly string[] | null | undefined,
): Promise<AsyncGenerator<EventRow | StreamGap>> {
  const events = await live.subscribe({ workspaceId, ...(after !== undefined && { after }) })
  async function* wanted() {
    if (gap !== undefined) yield gap
    for await (const event of events) if (types == null || types.includes(event.type)) yield rowOf(event)
  }
  return cancellable(wanted(), () => void events.return(undefined))
}

/** Returns the resume position, and the gap if events are missing. Resuming at the gap's cursor yields the same events. */
async function findStart(
  { database, cursors, viewer: { workspaceId } }: Context,
  position: number,
): Promise<{ readonly after: number; readonly gap: StreamGap | undefined }> {
  const [log] = await database.query<LogEnds>(selectLogEnds, [workspaceId, position])
  const { log_start = 0, log_end = 0, next_position = null } = log ?? {}
  const end = Math.max(log_start, log_end)
  if (position >= log_start && position <= end) return { after: position, gap: undefined }
  // A cursor after the end comes from a database that was restored to an earlier state.
  const after = next_position === null ? end : next_position - 1
  return { after, gap: { reason: gapReason, resumedAt: cursors.ofEvent(workspaceId, after) } }
}

const gapReason = 'Events after this cursor were deleted because they are older than the retention time.'

interface LogEnds {
  /** Position up to which events are deleted. */
  readonly log_start: number
  readonly log_end: number
  readonly next_position: number | null
}

/** One row per event, shared by all subscribers, so that each operation is executed once for it. */
const rows = new WeakMap<LoggedEvent, EventRow>()

/** Converts an event of the log to the form that Prisma returns. */
function rowOf(event: LoggedEvent): EventRow {
  const row = rows.get(event) ?? { ...event, position: BigInt(event.position), traceparent: null }
  rows.set(event, row)
  return row
}

// Indexes: log_start_pkey, event_workspace_id_position_key.
const selectLogEnds = unpreparedStatement(
  'select_log_ends',
  `select coalesce((select position from log_start where workspace_id = $1), 0) as log_start,
          coalesce((select max(position) from event where workspace_id = $1), 0) as log_end,
          (select min(position) from event where workspace_id = $1 and position > $2) as next_position`,
)
