import { statement } from '../../../database/database.ts'
import { cancellable } from '../../../events/bounded-buffer.ts'
import type { LoggedEvent } from '../../../events/event-types.ts'
import type { Event as EventRow } from '../../../generated/prisma/client.ts'
import type { Context } from '../../execution/context.ts'
import { refusal } from '../../execution/errors.ts'

/** What a subscriber that resumes is told when retention has taken events after its cursor. */
export interface StreamGap {
  readonly reason: string
  readonly resumedAt: string
}

export function isStreamGap(item: object): item is StreamGap {
  return 'resumedAt' in item
}

/**
 * The viewer's events in order: what came after the cursor first, then live.
 * @throws INVALID_CURSOR at once, and SlowSubscriberError while iterating
 */
export async function eventsAfter(
  context: Context,
  cursor: string | null | undefined,
  types: readonly string[] | null | undefined,
): Promise<AsyncGenerator<EventRow | StreamGap>> {
  const { workspaceId } = context.viewer
  if (cursor == null) return wantedEvents(context, undefined, undefined, types)
  const position = context.cursors.positionOf(workspaceId, cursor)
  if (position === undefined) throw refusal('INVALID_CURSOR', 'This cursor is not one of this stream.')
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

/** Where the stream goes on, and the gap before that: whoever resumes at its cursor gets the same events again. */
async function findStart(
  { database, cursors, viewer: { workspaceId } }: Context,
  position: number,
): Promise<{ readonly after: number; readonly gap: StreamGap | undefined }> {
  const [log] = await database.query<LogEnds>(selectLogEnds, [workspaceId, position])
  const { log_start = 0, log_end = 0, next_position = null } = log ?? {}
  const end = Math.max(log_start, log_end)
  if (position >= log_start && position <= end) return { after: position, gap: undefined }
  // A cursor from beyond the end is of a database that was put back to an earlier state.
  const after = next_position === null ? end : next_position - 1
  return { after, gap: { reason: gone, resumedAt: cursors.ofEvent(workspaceId, after) } }
}

const gone = 'Events after this cursor are older than the retention time and gone.'

interface LogEnds {
  /** Up to here events are gone. */
  readonly log_start: number
  readonly log_end: number
  readonly next_position: number | null
}

/** One row for all who are told of the event: what it comes to is executed once. */
const rows = new WeakMap<LoggedEvent, EventRow>()

/** An event of the log in the form in which Prisma reads it. */
function rowOf(event: LoggedEvent): EventRow {
  const row = rows.get(event) ?? { ...event, position: BigInt(event.position) }
  rows.set(event, row)
  return row
}

// Indexes: log_start_pkey, event_workspace_id_position_key.
const selectLogEnds = statement(
  'select_log_ends',
  `select coalesce((select position from log_start where workspace_id = $1), 0) as log_start,
          coalesce((select max(position) from event where workspace_id = $1), 0) as log_end,
          (select min(position) from event where workspace_id = $1 and position > $2) as next_position`,
)
