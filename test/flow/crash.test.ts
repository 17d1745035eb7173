import { describe, expect, it, onTestFinished } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { startReceiver } from '../support/receiver.ts'
import { startRexProcess } from '../support/rex-process.ts'
import { createTestDatabase } from '../support/test-database.ts'

const key = 'crash-test-key-0123456789-0123456789'
const callers = 16
const maxInFlight = 20

describe('a process that is killed', () => {
  it('has every capture that it answered, and repeats no more than was in flight, with the same ids', async () => {
    const database = await createTestDatabase()
    onTestFinished(() => database.drop())
    const receiver = await startReceiver()
    onTestFinished(() => receiver.stop())
    const environment = {
      ...database.environment,
      REX_API_KEY: key,
      REX_LEASE_MS: '2000',
      REX_ATTEMPT_TIMEOUT_MS: '1000',
    }

    const killed = await startRexProcess(environment)
    onTestFinished(async () => {
      await killed.signal('SIGKILL')
    })
    await createApiClient({ url: killed.url, key }).createEndpoint({
      url: receiver.url,
      events: ['contact.created'],
      max_in_flight: maxInFlight,
    })
    const acknowledged = new Set<string>()
    const load = captureUntilRefused(killed.url, acknowledged)
    await eventually(
      () => acknowledged.size >= 400,
      () => `${acknowledged.size} captures acknowledged`,
      20_000,
    )
    await killed.signal('SIGKILL')
    await load

    const restarted = await startRexProcess(environment)
    onTestFinished(async () => {
      await restarted.signal('SIGTERM')
    })
    const undelivered = () => {
      const delivered = new Set(receiver.webhooks.map(({ body }) => JSON.parse(body).data.id))
      return [...acknowledged].filter((id) => !delivered.has(id))
    }
    await eventually(
      () => undelivered().length === 0,
      () => `${undelivered().length} of ${acknowledged.size} missing`,
      20_000,
    )
    expect(undelivered()).toEqual([])
    const byEvent = Map.groupBy(receiver.webhooks, ({ headers }) => headers['webhook-id'])
    const repeated = [...byEvent.values()].filter(({ length }) => length > 1)
    expect(repeated.length).toBeLessThanOrEqual(maxInFlight)
    for (const [first, ...others] of repeated)
      for (const { headers, body } of others)
        expect([headers['x-rex-delivery'], body]).toEqual([first!.headers['x-rex-delivery'], first!.body])
  })
})

/** Captures from several callers at once, for as long as the server answers. */
async function captureUntilRefused(url: string, acknowledged: Set<string>): Promise<void> {
  const api = createApiClient({ url, key })
  const call = async (caller: number) => {
    for (let count = 0; ; count++) {
      const { status, json } = await api.capture({ email: `lead-${caller}-${count}@example.com` })
      if (status === 201) acknowledged.add(String(json.data?.['id']))
    }
  }
  const gone = () => {} // The process was killed: fetch rejects, and this caller is done.
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller).catch(gone)))
}
