import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { sessionLockText } from '../../../database/advisory-locks.ts'
import { directUrlOf, isPooledUrl, type ServerAddress } from '../../../database/connection/server-address.ts'
import { applicationName, listenerName } from '../../../database/postgresql.ts'
import { CliError } from '../../frame/cli-error.ts'

/** Time in which the sessions of a Rex that was just stopped end. */
const endTimeoutMs = 3000
const pollMs = 100

/** Time in which every Rex that runs sends a statement: its readers poll each second. */
const pollWithinMs = 2500

/**
 * Makes every Rex that starts wait until the connection ends, and checks that none is running.
 * @throws CliError while another process of Rex uses the database, or when only the address of a pooler is known
 */
export async function refuseWhileServing(client: pg.Client, source: ServerAddress): Promise<void> {
  if (directUrlOf(source) === undefined)
    throw new CliError('Moving needs a lock that a pooler does not keep. Set DATABASE_DIRECT_URL, and run this again.')
  const deadline = Date.now() + endTimeoutMs
  await client.query(`set lock_timeout = ${endTimeoutMs}`)
  await client.query(sessionLockText('migrations')).catch((error: unknown) => {
    throw isServing(error)
  })
  if (isPooledUrl(source.url)) return refuseWhilePolling(client)
  while ((await countSessions(client, [applicationName, listenerName])) > 0) {
    if (Date.now() > deadline) throw isServing(undefined)
    await setTimeout(pollMs)
  }
}

/** A pooler keeps the sessions of a Rex that has ended: one runs when it listens, or uses any of them now. */
async function refuseWhilePolling(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ now: string }>('select clock_timestamp()::text as now')
  await setTimeout(pollWithinMs)
  const listeners = await countSessions(client, [listenerName])
  const used = await countSessions(client, [applicationName], rows[0]?.now)
  if (listeners + used > 0) throw isServing(undefined)
}

async function countSessions(client: pg.Client, names: readonly string[], usedSince?: string): Promise<number> {
  const { rows } = await client.query<{ sessions: number }>(
    `select count(*)::int as sessions
     from pg_stat_activity
     where datname = current_database()
       and application_name = any ($1)
       and state_change > coalesce($2::timestamptz, '-infinity')`,
    [names, usedSince],
  )
  return rows[0]?.sessions ?? 0
}

function isServing(cause: unknown): CliError {
  return new CliError('A Rex uses the database of the settings. Stop all its processes, and run this again.', { cause })
}
