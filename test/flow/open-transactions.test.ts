import type { ServerResponse } from 'node:http'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { startReceiver } from '../support/receiver.ts'
import { startTestApp } from '../support/test-app.ts'

/** Whatever began before this moment and is open still: the readers' own short ones have begun since. */
const openSince = `
  select pid, state, query, xact_start
  from pg_stat_activity
  where datname = current_database()
    and backend_type = 'client backend'
    and pid <> pg_backend_pid()
    and xact_start <= $1::timestamptz`

describe('while receivers take their time', () => {
  it('no transaction is open, whatever is being sent', async () => {
    const app = await startTestApp({ REX_RETRY_SCHEDULE: '0,0' })
    onTestFinished(() => app.stop())
    const held: ServerResponse[] = []
    const receiver = await startReceiver(({ headers }, response) => {
      if (headers['x-rex-attempt'] === '1' && headers['x-rex-event'] === 'contact.created')
        response.writeHead(500).end()
      else held.push(response)
    })
    onTestFinished(() => receiver.stop())
    const observer = new pg.Client({
      connectionString: app.database.environment.DATABASE_URL,
      options: '-c idle_session_timeout=0',
    })
    await observer.connect()
    onTestFinished(() => observer.end())

    const api = createApiClient(app)
    const { id } = await api.createEndpoint({ url: receiver.url })
    await api.capture({ email: 'one@example.com' })
    await api.capture({ email: 'two@example.com' })
    await api.rest('POST', `/webhooks/${id}/test`)
    await eventually(
      () => held.length === 3,
      () => `${held.length} are held`,
    )
    const [moment] = (await observer.query<{ now: string }>('select clock_timestamp()::text as now')).rows
    let open: unknown[] = []
    const noneIsOpen = async () => {
      open = (await observer.query(openSince, [moment!.now])).rows
      return open.length === 0
    }
    await eventually(noneIsOpen, () => JSON.stringify(open))
    expect(held).toHaveLength(3)
    expect(held.every((response) => !response.destroyed)).toBe(true)
  })
})
