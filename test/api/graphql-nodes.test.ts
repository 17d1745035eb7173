import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { createGraphqlClient, createKey } from '../support/graphql-client.ts'
import { connectSubscriber, type Subscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const events = `subscription ($after: String) {
  events(after: $after, types: ["contact.created"]) { ... on Event { cursor contact { email } } }
}`

describe('sockets of two nodes on one PostgreSQL', () => {
  it('are closed within five seconds when their key is revoked on the other node', async () => {
    const [here, there] = await startNodes()
    const graphql = createGraphqlClient(here)
    const key = await createKey(graphql, ['CONTACTS_READ'])
    const { data } = await createGraphqlClient({ ...here, key })('{ viewer { id } }')
    await using subscriber = await connectSubscriber(
      { ...there, key },
      { query: 'subscription { contactCreated { eventId } }' },
    )
    await using other = await connectSubscriber(there, { query: 'subscription { contactCreated { eventId } }' })
    await graphql('mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }', parseViewer(data).viewer)
    expect(await Promise.race([subscriber.ended(), setTimeout(5000, 'still open')])).toMatchObject({ code: 4403 })
    expect(other.end).toBeUndefined()
  })

  it('are closed with 1001 when their node stops, and go on at the other after their cursor, each event once', async () => {
    const [stopping, staying] = await startNodes()
    const capture = (nth: number) => createApiClient(staying).capture({ email: `moved-${nth}@example.com` })
    await using subscriber = await connectSubscriber(stopping, { query: events })
    await capture(1)
    const { cursor } = await nextEvent(subscriber)
    await Promise.all([stopping.stop(), capture(2)])
    expect(await subscriber.ended()).toMatchObject({ code: 1001 })
    await capture(3)
    const last = subscriber.results.length > 1 ? (await nextEvent(subscriber)).cursor : cursor
    await using resumed = await connectSubscriber(staying, { query: events, variables: { after: last } })
    await capture(4)
    for (const nth of last === cursor ? [2, 3, 4] : [3, 4])
      expect((await nextEvent(resumed)).contact.email).toBe(`moved-${nth}@example.com`)
  })
})

/** Two nodes of one database. */
async function startNodes(): Promise<[TestApp, TestApp]> {
  const first = await startTestApp()
  onTestFinished(() => first.stop())
  const { DATABASE_URL = '' } = first.database.environment
  const second = await startTestApp({ DATABASE_URL })
  onTestFinished(() => second.stop())
  return [second, first]
}

async function nextEvent(subscriber: Subscriber): Promise<{ cursor: string; contact: { email: string } }> {
  const { events } = await subscriber.next()
  return events as { cursor: string; contact: { email: string } }
}

function parseViewer(data: unknown): { viewer: { id: string } } {
  return data as { viewer: { id: string } }
}
