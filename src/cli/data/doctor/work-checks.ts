import type pg from 'pg'
import { type Check, ok, warn } from './check.ts'

const maxEvents = 10_000
const maxLateSeconds = 120

/** Checks whether the work of the service keeps up: events that wait for their deliveries, and deliveries that are late. */
export async function checkWork(client: pg.Client): Promise<Check[]> {
  return [await checkLag(client), await checkDue(client)]
}

async function checkLag(client: pg.Client): Promise<Check> {
  const { rows } = await client.query<{ behind: string }>(
    `select (coalesce((select max(position) from event), 0)
             - coalesce((select max(position) from reader_position where workspace_id = '*'), 0))::text as behind`,
  )
  const behind = Math.max(0, Number(rows[0]?.behind ?? 0))
  const detail = `${behind} events wait to be planned`
  if (behind <= maxEvents) return ok('event log', detail)
  return warn('event log', detail, 'Start a process with REX_ROLE all or worker, or another one.')
}

async function checkDue(client: pg.Client): Promise<Check> {
  const { rows } = await client.query<{ due: string; late: string | null }>(
    `select count(*)::text as due, extract(epoch from now() - min(next_attempt_at))::int::text as late
     from delivery
     where status in ('PENDING', 'RETRYING')
       and next_attempt_at < now()
       and not waits_in_lane`,
  )
  const [due, late] = [Number(rows[0]?.due ?? 0), Number(rows[0]?.late ?? 0)]
  if (due === 0) return ok('deliveries', 'none is late')
  const detail = `${due} are due, the oldest for ${late} s`
  if (late <= maxLateSeconds) return ok('deliveries', detail)
  return warn('deliveries', detail, 'Start a process with REX_ROLE all or worker; see /metrics for its speed.')
}
