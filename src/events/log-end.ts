import { type Queryable, statement } from '../database/database.ts'
import { headPosition } from './event-log.ts'
import type { LoggedEvent } from './event-types.ts'

/** Events that are remembered, to find the last one that the log still has. */
const maxRemembered = 1000

/**
 * Finds a log that ends before its reader. After a failover to a replica that was behind, the next events have positions
 * that the reader has seen already.
 * @param start position at which the reader began
 */
export function createLogEndCheck(database: Queryable, start: number) {
  /** Positions by id, oldest first. */
  const seen = new Map<string, number>()
  let wasAway = false

  const findEnd = async (): Promise<number | undefined> => {
    const rows = await database.query<{ id: string }>(selectAt, [[...seen.values()]])
    const kept = new Set(rows.map(({ id }) => id))
    const ids = [...seen.keys()]
    const last = ids.findLast((id) => kept.has(id))
    if (last !== undefined) return last === ids.at(-1) ? undefined : seen.get(last)
    const head = await headPosition(database)
    return ids.length > 0 || head < start ? Math.min(head, start) : undefined
  }
  return {
    /** Watches a reading of the log, whose failure may be that of the server. */
    watch: async <Result>(reading: Promise<Result>): Promise<Result> => {
      try {
        return await reading
      } catch (error) {
        wasAway = true
        throw error
      }
    },
    /** Remembers an event, and returns whether it is new: a replica that has not caught up may show it again. */
    add: ({ id, position }: LoggedEvent): boolean => {
      if (seen.has(id)) return false
      seen.set(id, position)
      const [oldest] = seen.keys()
      if (seen.size > maxRemembered && oldest !== undefined) seen.delete(oldest)
      return true
    },
    /** Returns where the log ends before what was seen of it; undefined otherwise. It looks only after a failure. */
    findLoss: async (): Promise<number | undefined> => {
      if (!wasAway) return undefined
      const end = await findEnd()
      wasAway = false
      return end
    },
  }
}

// Index: event_position_idx.
const selectAt = statement('select_event_ids_at', 'select id from event where position = any ($1::bigint[])')
