import { type Database, statement } from '../database/database.ts'
import type { Log } from '../platform/log.ts'

interface SourceKey {
  readonly workspaceId: string
  readonly id: string
}

/** Notes what happens at the URLs of sources, and writes it once a second: a busy source is no hot row. */
export interface SourceActivity {
  /** Notes a verified request, which becomes `lastReceivedAt`. */
  received(source: SourceKey): void
  /** Counts a refused request: a wrong signature, or one over the rate. */
  refused(source: SourceKey): void
  /** Writes what is left. */
  stop(): Promise<void>
}

const writeEveryMs = 1000

interface Noted extends SourceKey {
  receivedAt: Date | null
  refused: number
}

/** While the database is away, the notes wait; there is one for each source. */
export function startSourceActivity(database: Database, log: Log): SourceActivity {
  let noted = new Map<string, Noted>()
  let timer: NodeJS.Timeout | undefined

  const note = ({ workspaceId, id }: SourceKey, receivedAt: Date | null, refused: number) => {
    const name = `${workspaceId} ${id}`
    const before = noted.get(name) ?? { workspaceId, id, receivedAt: null, refused: 0 }
    noted.set(name, { ...before, receivedAt: later(before.receivedAt, receivedAt), refused: before.refused + refused })
    timer ??= setTimeout(() => void write(), writeEveryMs).unref()
  }
  const write = async () => {
    clearTimeout(timer)
    timer = undefined
    const writing = [...noted.values()]
    noted = new Map()
    try {
      await writeNotes(database, writing)
    } catch (error) {
      log.debug({ err: error }, 'source.activity_failed')
      for (const each of writing) note(each, each.receivedAt, each.refused)
    }
  }
  return {
    received: (source) => note(source, new Date(), 0),
    refused: (source) => note(source, null, 1),
    stop: async () => {
      await write()
      clearTimeout(timer)
    },
  }
}

function later(one: Date | null, other: Date | null): Date | null {
  return one === null || (other !== null && other > one) ? other : one
}

async function writeNotes(database: Database, noted: readonly Noted[]): Promise<void> {
  const received = noted.filter(({ receivedAt }) => receivedAt !== null)
  const refused = noted.filter((each) => each.refused > 0)
  if (received.length === 0 && refused.length === 0) return
  await database.inTransaction(async (tx) => {
    if (received.length > 0)
      await tx.query(updateReceived, [
        received.map(({ workspaceId }) => workspaceId),
        received.map(({ id }) => id),
        received.map(({ receivedAt }) => receivedAt?.toISOString() ?? null),
      ])
    if (refused.length > 0)
      await tx.query(addRefusals, [
        refused.map(({ workspaceId }) => workspaceId),
        refused.map(({ id }) => id),
        refused.map((each) => each.refused),
      ])
  })
}

// Index: source_pkey. Locked in its order, so that two nodes cannot deadlock.
const updateReceived = statement(
  'update_sources_received',
  `with locked as (
     select source.workspace_id, source.id, noted.at
     from unnest($1::text[], $2::text[], $3::timestamptz[]) as noted (workspace_id, id, at)
     join source using (workspace_id, id)
     order by source.workspace_id, source.id
     for update of source
   )
   update source
   set last_received_at = greatest(source.last_received_at, locked.at)
   from locked
   where source.workspace_id = locked.workspace_id
     and source.id = locked.id`,
)

// Index: source_refusals_pkey. Sorted by it, so that two nodes cannot deadlock.
const addRefusals = statement(
  'add_source_refusals',
  `insert into source_refusals as stored (workspace_id, source_id, hour, count)
   select workspace_id, id, date_trunc('hour', now(), 'UTC'), count
   from unnest($1::text[], $2::text[], $3::int[]) as noted (workspace_id, id, count)
   order by workspace_id, id
   on conflict (workspace_id, source_id, hour) do update
   set count = stored.count + excluded.count`,
)
