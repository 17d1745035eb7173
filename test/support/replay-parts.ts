import { continueReplay, createReplays, type ReplayRequest, type ReplayResult } from '../../src/delivery/replay.ts'
import type { TestParts } from './test-parts.ts'
import type { WayOut } from './way-out.ts'
import { oweAll, viewerOf } from './webhook-parts.ts'

interface ReplayRow {
  readonly matched: number
  readonly enqueued: number
  readonly completed_at: Date | null
}

/** What a test does with replays on behalf of one workspace. */
export interface TestReplays {
  /** Of all that failed or is held, unless it says otherwise. */
  request(endpointId: string, wanted?: Partial<ReplayRequest>, workspaceId?: string): Promise<ReplayResult>
  /** As many events, a minute apart, that were owed and ended so; answers their ids. */
  ended(count: number, status: string): Promise<string[]>
  /** Puts the events of the log a minute apart. */
  spread(): Promise<unknown>
  /** Does all steps, as if each were delivered before the next. */
  finish(): Promise<void>
  rows(): Promise<ReplayRow[]>
  /** The ids of the events that were replayed, in order. */
  replayed(): Promise<string[]>
}

/** The time of the event after so many others, once they are spread. */
export function minute(minutes: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 0, minutes))
}

const all = { from: minute(0), to: null, status: ['FAILED', 'HELD'], includeNeverSent: false, dryRun: false } as const

export function openReplays(parts: TestParts, way: WayOut): TestReplays {
  const { workspaceId } = way
  const replays = createReplays(parts.database, parts.signals)
  const spread = () =>
    parts.sql(
      `update event
       set created_at = $2::timestamptz + (nth - 1) * interval '1 minute'
       from (
         select id as nth_id, row_number() over (order by position) as nth from event where workspace_id = $1
       ) numbered
       where id = nth_id`,
      [workspaceId, minute(0)],
    )
  return {
    request: (endpointId, wanted = {}, by = workspaceId) =>
      replays.request(viewerOf(by), { ...all, endpointId, ...wanted }),
    ended: async (count, status) => {
      const events = Array.from({ length: count }, () => ({}))
      const ids = await oweAll(parts, workspaceId, events)
      await spread()
      await parts.sql(
        `update delivery
         set status = $2::text::delivery_status, attempt_count = 1, retry_count = 1, next_attempt_at = null,
             completed_at = now()
         where workspace_id = $1 and status = 'PENDING'`,
        [workspaceId, status],
      )
      return ids
    },
    spread,
    finish: async () => {
      while (await continueReplay(parts.database)) await parts.sql(putOff, [workspaceId])
    },
    rows: () => parts.sql('select * from replay where workspace_id = $1 order by created_at, id', [workspaceId]),
    replayed: async () =>
      (await way.deliveries()).filter(({ trigger }) => trigger === 'REPLAY').map(({ event_id }) => event_id),
  }
}

const putOff = `update delivery set next_attempt_at = now() + interval '1 day'
  where workspace_id = $1 and next_attempt_at <= now()`
