import { statement } from '../database/database.ts'
import { leavingAtOnce } from '../events/bounded-buffer.ts'
import type { LoggedEvent } from '../events/catalogue.ts'
import { eventCursor, positionOfCursor } from '../events/cursor.ts'
import type { Event as EventRow } from '../generated/prisma/client.ts'
import type { Context } from './context.ts'
import { refusal } from './errors.ts'

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
  const after = positionOfCursor(workspaceId, cursor)
  if (after === undefined) throw refusal('INVALID_CURSOR', 'This cursor is not one of this stream.')
  return wantedEvents(context, after, await findGap(context, after, cursor), types)
}

function wantedEvents(
  { live, viewer: { workspaceId } }: Context,
  after: number | undefined,
  gap: StreamGap | undefined,
  types: readonly string[] | null | undefined,
): AsyncGenerator<EventRow | StreamGap> {
  const events = live.subscribe({ workspaceId, ...(after !== undefined && { after }) })
  async function* wanted() {
    if (gap !== undefined) yield gap
    for await (const event of events) if (types == null || types.includes(event.type)) yield rowOf(event)
  }
  return leavingAtOnce(wanted(), () => void events.return(undefined))
}

/**
 * Cursors are those of events, and retention takes the oldest first: while the cursor's own event is there, nothing
 * after it is gone.
 */
async function findGap({ database, viewer }: Context, after: number, cursor: string): Promise<StreamGap | undefined> {
  const [oldest] = await database.query<{ position: number }>(selectFirstFrom, [viewer.workspaceId, after])
  if (oldest?.position === after) return undefined
  const resumedAt = oldest === undefined ? cursor : eventCursor(viewer.workspaceId, oldest.position)
  return { reason: 'Events after this cursor are older than the retention time and gone.', resumedAt }
}

/** One row for all who are told of the event: what it comes to is executed once. */
const rows = new WeakMap<LoggedEvent, EventRow>()

/** An event of the log in the form in which Prisma reads it. */
function rowOf(event: LoggedEvent): EventRow {
  const row = rows.get(event) ?? { ...event, position: BigInt(event.position) }
  rows.set(event, row)
  return row
}

// Index: event_workspace_id_position_key.
const selectFirstFrom = statement(
  'select_first_event_from',
  `select position
   from event
   where workspace_id = $1
     and position >= $2
   order by position
   limit 1`,
)
