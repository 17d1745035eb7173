import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient } from '../support/graphql-client.ts'
import { openSocketWithKey, type RawSocket } from '../support/raw-socket.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

describe('subscribers that share what they are told', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.stop())

  const keyWith = async (scopes: readonly string[]) => {
    const mutation = `mutation ($scopes: [Scope!]!) {
      createApiKey(input: { name: "k", scopes: $scopes }) { ... on CreateApiKeySuccess { token } }
    }`
    const { data } = await createGraphqlClient(app)(mutation, { scopes })
    return (data['createApiKey'] as { token: string }).token
  }

  it('see e-mails only where their own key may', async () => {
    const query = 'subscription { contactCreated { contact { email firstName } } }'
    const masked = await keyWith(['CONTACTS_READ'])
    const seeing = await keyWith(['CONTACTS_READ', 'PII_READ'])
    const keys = [masked, seeing, masked, app.key, seeing]
    const subscribers = await Promise.all(keys.map((key) => connectSubscriber({ ...app, key }, { query })))
    await createApiClient(app).capture({ email: 'jane@example.com', first_name: 'Jane' })
    const told = await Promise.all(subscribers.map((subscriber) => subscriber.next()))
    const emails = told.map(({ contactCreated }) => (contactCreated as { contact: { email: string } }).contact.email)
    expect(emails).toEqual(keys.map((key) => (key === masked ? 'j***@example.com' : 'jane@example.com')))
    for (const subscriber of subscribers) await subscriber[Symbol.asyncDispose]()
  })

  it('are told what their own filter lets through', async () => {
    const query =
      'subscription ($source: String!) { contactCreated(filter: { source: { eq: $source } }) { contact { source } } }'
    const sources = ['organic', 'paid', 'organic']
    const subscribers = await Promise.all(
      sources.map((source) => connectSubscriber(app, { query, variables: { source } })),
    )
    const api = createApiClient(app)
    for (const source of ['paid', 'organic']) await api.capture({ email: `${source}@example.com`, source })
    const told = await Promise.all(subscribers.map((subscriber) => subscriber.next()))
    expect(told).toEqual(sources.map((source) => ({ contactCreated: { contact: { source } } })))
    expect(subscribers.map(({ results }) => results.length)).toEqual([1, 1, 1])
    for (const subscriber of subscribers) await subscriber[Symbol.asyncDispose]()
  })

  it('are told what their own filter lets through, however many filters there are', async () => {
    const query =
      'subscription ($filter: ContactFilter) { contactCreated(filter: $filter) { cursor contact { email source } } }'
    const filterOf = (nth: number) => ({
      source: nth % 3 === 0 ? { in: [`many-${nth}`, 'many'] } : { eq: `many-${nth}` },
    })
    const masked = await keyWith(['CONTACTS_READ'])
    const sockets = await Promise.all([app.key, masked, app.key].map((key) => openSocketWithKey({ ...app, key })))
    for (const [at, socket] of sockets.entries()) {
      for (let nth = at * 40; nth < at * 40 + 40; nth++)
        socket.send({ type: 'subscribe', id: `${nth}`, payload: { query, variables: { filter: filterOf(nth) } } })
      socket.send({ type: 'subscribe', id: 'begun', payload: { query: '{ __typename }' } })
      await socket.received(({ id, type }) => id === 'begun' && type === 'complete')
    }
    const api = createApiClient(app)
    for (const source of ['many-1', 'many', 'many-60', 'nobody', 'many-119'])
      await api.capture({ email: `${source}@example.com`, source })
    const told = () =>
      sockets.flatMap(({ messages }) =>
        messages.filter(({ type }) => type === 'next').filter(({ id }) => id !== 'begun'),
      )
    const wanted = Array.from({ length: 120 }, (_, nth) => {
      const sources = ['many-1', 'many', 'many-60', 'many-119'].filter(
        (source) => source === `many-${nth}` || (source === 'many' && nth % 3 === 0),
      )
      const isMasked = nth >= 40 && nth < 80
      return sources.map((source) => [`${nth}`, isMasked ? 'm***@example.com' : `${source}@example.com`, source])
    }).flat()
    await eventually(
      () => told().length >= wanted.length,
      () => `${told().length} of ${wanted.length}`,
    )
    const came = told().map(({ id, payload }) => [id, emailIn(payload), sourceIn(payload)])
    expect(came.toSorted((one, other) => Number(one[0]) - Number(other[0]))).toEqual(wanted)
    for (const { socket } of sockets) socket.close()
  })

  it('get every event once and in order, whatever ids their operations have and whenever they come and go', async () => {
    const api = createApiClient(app)
    const open = async (ids: readonly string[]) => {
      const socket = await openSocketWithKey(app)
      const payload = { query: 'subscription { contactCreated { contact { email } } }' }
      for (const id of ids) socket.send({ type: 'subscribe', id, payload })
      socket.send({ type: 'subscribe', id: 'begun', payload: { query: '{ __typename }' } })
      await socket.received(({ id, type }) => id === 'begun' && type === 'complete')
      return socket
    }
    const emailsOf = ({ messages }: RawSocket, id: string) =>
      messages.filter((message) => message.id === id && message.type === 'next').map(({ payload }) => emailIn(payload))
    const capture = async (from: number, count: number) => {
      const emails = Array.from({ length: count }, (_, nth) => `in-order-${from + nth}@example.com`)
      for (const email of emails) await api.capture({ email })
      return emails
    }

    const first = await open(['1', 'ü"\\', crypto.randomUUID()])
    const early = await capture(0, 5)
    const second = await open(['1', '2'])
    await eventually(
      () => emailsOf(first, '1').length === 5,
      () => JSON.stringify(first.messages),
    )
    first.send({ type: 'complete', id: '1' })
    first.send({ type: 'subscribe', id: 'completed', payload: { query: '{ __typename }' } })
    await first.received(({ id, type }) => id === 'completed' && type === 'complete')
    const late = await capture(5, 40)
    await eventually(
      () => emailsOf(second, '2').length === 40 && emailsOf(first, 'ü"\\').length === 45,
      () => JSON.stringify(second.messages.slice(-3)),
    )
    expect(emailsOf(first, '1')).toEqual(early)
    expect(emailsOf(first, 'ü"\\')).toEqual([...early, ...late])
    expect([emailsOf(second, '1'), emailsOf(second, '2')]).toEqual([late, late])

    first.socket.close()
    second.socket.close()
    await Promise.all([first.closed, second.closed])
    const third = await open(['1'])
    const last = await capture(45, 2)
    await eventually(
      () => emailsOf(third, '1').length === 2,
      () => JSON.stringify(third.messages),
    )
    expect(emailsOf(third, '1')).toEqual(last)
    third.socket.close()
  })

  it('share no cursor: each that resumes gets what it missed, wherever the cursor stands', async () => {
    const api = createApiClient(app)
    const operations = {
      variable: 'subscription ($after: String) { events(after: $after) { ... on Event { cursor id } } }',
      fragment:
        'subscription ($after: String) { ...F } fragment F on Subscription { events(after: $after) { ... on Event { cursor id } } }',
      default: (after: string) =>
        `subscription ($after: String = "${after}") { events(after: $after) { ... on Event { cursor id } } }`,
    }
    await using source = await connectSubscriber(app, { query: operations.variable })
    await api.capture({ email: 'before-the-cursor@example.com' })
    const { cursor } = (await source.next())['events'] as { cursor: string }
    await api.capture({ email: 'after-the-cursor@example.com' })
    const missed = await source.next()
    const resumed = [
      { query: operations.variable, variables: { after: cursor } },
      { query: operations.fragment, variables: { after: cursor } },
      { query: operations.default(cursor) },
    ]
    for (const operation of [...resumed, ...resumed]) {
      await using subscriber = await connectSubscriber(app, operation)
      expect(await subscriber.next()).toEqual(missed)
    }
  })
})

interface Created {
  readonly data: { readonly contactCreated: { readonly contact: { readonly email: string; readonly source?: string } } }
}

function emailIn(payload: unknown): string {
  return (payload as Created).data.contactCreated.contact.email
}

function sourceIn(payload: unknown): string | undefined {
  return (payload as Created).data.contactCreated.contact.source
}
