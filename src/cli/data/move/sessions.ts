import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { sessionLockText } from '../../../database/advisory-locks.ts'
import { applicationName } from '../../../database/postgresql.ts'
import { CliError } from '../../frame/cli-error.ts'

/** Time in which the sessions of a Rex that was just stopped end. */
const endTimeoutMs = 3000
const pollMs = 100

/**
 * Makes every Rex that starts wait until the connection ends, and checks that none is running.
 * @throws CliError while another process of Rex uses the database
 */
export async function refuseWhileServing(client: pg.Client): Promise<void> {
  const deadline = Date.now() + endTimeoutMs
  await client.query(`set lock_timeout = ${endTimeoutMs}`)
  await client.query(sessionLockText('migrations')).catch((error: unknown) => {
    throw isServing(error)
  })
  while ((await countSessions(client)) > 0) {
    if (Date.now() > deadline) throw isServing(undefined)
    await setTimeout(pollMs)
  }
}

async function countSessions(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ sessions: number }>(
    `select count(*)::int as sessions
     from pg_stat_activity
     where datname = current_database() and application_name = $1`,
    [applicationName],
  )
  return rows[0]?.sessions ?? 0
}

function isServing(cause: unknown): CliError {
  return new CliError('A Rex uses the database of the settings. Stop all its processes, and run this again.', { cause })
}
