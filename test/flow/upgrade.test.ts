import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, type GraphqlClient } from '../support/graphql-client.ts'
import { createOldDatabase, makeDue, oldDatabase as old } from '../support/old-database.ts'
import { type ReceivedWebhook, type Receiver, startReceiver } from '../support/receiver.ts'
import { type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import type { OwnDatabase } from '../support/test-database.ts'

describe('11: a database that 0.1 made', () => {
  let receiver: Receiver
  let database: OwnDatabase
  let rex: RexProcess

  const start = async (environment: Record<string, string>) => {
    rex = await startRexProcess({
      REX_API_KEY: old.apiKey,
      REX_ENCRYPTION_KEYS: old.encryptionKeys,
      REX_RETRY_SCHEDULE: '0,0,0',
      ...database.environment,
      ...environment,
    })
  }
  const ask = (key = old.apiKey): GraphqlClient => createGraphqlClient({ url: rex.url, key })
  const nodesOf = async (query: string, variables?: unknown, key?: string) => {
    const { data, text } = await ask(key)(query, variables)
    const [list] = Object.values(data ?? {}) as { nodes: { id: string }[] }[]
    if (list === undefined) throw new Error(text)
    return list.nodes
  }

  beforeAll(async () => {
    receiver = await startReceiver()
    database = await createOldDatabase(new URL(receiver.url).origin)
    // Nothing is delivered at first, so that all can be compared with what it was.
    await start({ REX_ROLE: 'api' })
  })
  afterAll(async () => {
    await rex?.signal('SIGTERM')
    await receiver?.stop()
    await database?.drop()
  })

  describe('before anything is sent', () => {
    it.each(Object.keys(old.questions))('answers the same: %s', async (name) => {
      const { data, errors } = await ask()(old.questions[name]!)
      expect(errors).toEqual([])
      expect(data).toEqual(old.answers[name])
    })

    it.each([
      ['contacts', ''],
      ['contactsByEmail', 'orderBy: { field: EMAIL, direction: ASC }, '],
      ['events', ''],
      ['deliveries', ''],
    ] as const)('goes on at a cursor of 0.1: %s', async (name, order) => {
      const list = name === 'contactsByEmail' ? 'contacts' : name
      const page = `query ($after: String) { ${list}(${order}first: 100, after: $after) { nodes { id } } }`
      const all = await nodesOf(page)
      const rest = await nodesOf(page, { after: old.cursors[name] })
      expect(rest).toEqual(all.slice(list === 'contacts' ? 4 : 5))
      expect(rest.length).toBeGreaterThan(0)
    })

    it('goes on with a subscription at a resume token of 0.1', async () => {
      const events = old.answers['events']!['events']!.nodes.map(({ id }) => id).reverse()
      const { id, cursor } = old.cursors.event
      const missed = events.slice(events.indexOf(id) + 1)
      await using subscriber = await connectSubscriber(
        { url: rex.url, key: old.apiKey },
        {
          query: 'subscription ($after: String) { events(after: $after) { __typename ... on Event { id } } }',
          variables: { after: cursor },
        },
      )
      const seen: unknown[] = []
      while (seen.length < missed.length) seen.push((await subscriber.next())['events'])
      expect(seen).toEqual(missed.map((eventId) => ({ __typename: 'Event', id: eventId })))
    })

    it('takes the keys of 0.1, a custom one of 16 characters among them', async () => {
      const viewer = async (key: string) => {
        const { status, data, codes } = await ask(key)('{ viewer { name scopes } }')
        return codes.length > 0 ? [status, codes[0]] : data['viewer']
      }
      expect(old.apiKey).toHaveLength(16)
      expect(await viewer(old.apiKey)).toMatchObject({ scopes: ['ADMIN'] })
      const shown = await ask()('{ viewer { prefix lastFour } }')
      expect(shown.data).toEqual({ viewer: { prefix: '', lastFour: old.apiKey.slice(-4) } })
      expect(await viewer(old.keys.acme)).toMatchObject({ scopes: ['ADMIN'] })
      const scopes = ['CONTACTS_READ', 'EVENTS_READ', 'WEBHOOKS_READ']
      expect(await viewer(old.keys.reader)).toEqual({ name: 'reader', scopes })
      expect(await viewer(old.keys.capture)).toEqual({ name: 'server', scopes: ['CAPTURE'] })
      expect(await viewer(old.keys.revoked)).toEqual([401, 'UNAUTHENTICATED'])
    })

    it('keeps what a key of 0.1 may do', async () => {
      const contacts = '{ contacts(first: 1) { nodes { id } } }'
      expect((await ask(old.keys.reader)(contacts)).codes).toEqual([])
      expect((await ask(old.keys.hooks)(contacts)).codes).toEqual(['FORBIDDEN'])
      const hook = { url: 'https://hooks.example.com/', events: ['contact.erased'] }
      const create = (key: string) => createApiClient({ url: rex.url, key }).rest('POST', '/webhooks', hook)
      const made = await create(old.keys.hooks)
      expect(made.status).toBe(201)
      expect((await create(old.keys.reader)).status).toBe(403)
      const remove = createApiClient({ url: rex.url, key: old.apiKey })
      expect((await remove.rest('DELETE', `/webhooks/${made.json.data?.['id']}`)).status).toBe(204)
    })

    it('keeps tenants apart, and where the log of one begins', async () => {
      const list = '{ contacts(first: 100) { nodes { id email } } }'
      const emails = (await nodesOf(list, {}, old.keys.acme)) as unknown as { email: string }[]
      expect(emails.map(({ email }) => email).sort()).toEqual(['anna@acme.example', 'ben@acme.example'])
      expect(await nodesOf('{ events(first: 100) { nodes { id } } }', {}, old.keys.acme)).toHaveLength(1)
    })

    it('answers an idempotency key of 0.1 with its first answer', async () => {
      const { capture } = createApiClient({ url: rex.url, key: old.apiKey })
      const before = await nodesOf('{ submissions(first: 100) { nodes { id } } }')
      const ordered = { email: 'ordered@example.com', first_name: 'Olga' }
      const anonymous = await capture(ordered, { 'idempotency-key': 'order-1' })
      expect([anonymous.status, anonymous.json.data]).toEqual([201, old.idempotent.anonymous])
      const headers = { 'idempotency-key': 'order-2', 'x-api-key': old.keys.capture }
      const keyed = await capture({ email: 'keyed@example.com', first_name: 'Kurt' }, headers)
      expect([keyed.status, keyed.json.data]).toEqual([201, old.idempotent.keyed])
      expect(await nodesOf('{ submissions(first: 100) { nodes { id } } }')).toEqual(before)
    })

    it('takes another body under an idempotency key of 0.1, which may be of another caller', async () => {
      const { capture } = createApiClient({ url: rex.url, key: old.apiKey })
      const other = await capture({ email: 'other@example.com' }, { 'idempotency-key': 'order-1' })
      expect(other.status).toBe(201)
    })

    it('knows a contact of 0.1 when it comes again, and finds it', async () => {
      const { capture } = createApiClient({ url: rex.url, key: old.apiKey })
      const contacts = old.answers['contacts']!['contacts']!.nodes as unknown as { id: string; email: string }[]
      const { id } = contacts.find(({ email }) => email === 'sahin@example.com')!
      const again = await capture({ email: 'SAHIN@example.com' }, { 'x-api-key': old.keys.capture })
      expect(again.json.data?.['id']).toBe(id)
      const search = 'query ($search: String!) { contacts(search: $search) { nodes { id } } }'
      expect(await nodesOf(search, { search: 'Şahin' })).toEqual([{ id }])
    })

    it('keeps an erased person erased', async () => {
      const { data } = await ask()('query ($id: ID!) { contact(by: { id: $id }) { id } }', { id: old.erased })
      expect(data).toEqual({ contact: null })
    })

    it('shows a replay of 0.1', async () => {
      const query = 'query ($id: ID!) { replay(id: $id) { id endpointId matched enqueued } }'
      expect((await ask()(query, { id: old.replay.id })).data).toEqual({ replay: old.replay })
    })
  })

  describe('once it delivers', () => {
    type Delivery = { id: string; status: string; endpoint: { id: string } | null }
    const deliveries = async () =>
      (await nodesOf('{ deliveries(first: 100) { nodes { id status endpoint { id } } } }')) as unknown as Delivery[]
    const before = old.answers['deliveries']!['deliveries']!.nodes as unknown as Delivery[]
    const statusOf = (rows: readonly Delivery[]) => new Map(rows.map(({ id, status }) => [id, status]))
    const areDone = async (ids: readonly string[]) => {
      const now = statusOf(await deliveries())
      return ids.every((id) => now.get(id) === 'SUCCEEDED')
    }

    beforeAll(async () => {
      await rex.signal('SIGTERM')
      await makeDue(database)
      await start({})
    })

    it('sends what 0.1 left pending or retrying, and leaves the rest as it was', async () => {
      const open = before.filter(({ status }) => status === 'PENDING' || status === 'RETRYING').map(({ id }) => id)
      expect(open.length).toBeGreaterThan(3)
      await eventually(
        () => areDone(open),
        async () => JSON.stringify(await deliveries()),
      )
      const now = statusOf(await deliveries())
      const closed = before.filter(({ id }) => !open.includes(id))
      expect(new Set(closed.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED', 'FAILED', 'HELD', 'CANCELED']))
      expect(closed.map(({ id }) => [id, now.get(id)])).toEqual(closed.map(({ id, status }) => [id, status]))
    })

    it('sends an event that 0.1 had taken and owed nobody yet, signed with the secrets of 0.1', async () => {
      const bodies = () => receiver.webhooks.filter(({ body }) => body.includes('last@example.com'))
      await eventually(
        () => bodies().length >= 4,
        () => `${bodies().length} webhooks`,
      )
      expect(bodies().map(pathOf).sort()).toEqual(['/fail', '/fail-later', '/ok', '/plain'])
      const [ok, plain] = ['/ok', '/plain'].map((path) => bodies().find((webhook) => pathOf(webhook) === path)!)
      expect(signatureOf(ok!, 'v1')).toBe(signed(ok!, old.secrets.ok))
      // In the overlap of a rotation that began under 0.1 both secrets hold.
      const both = [signatureOf(plain!, 'v1'), signatureOf(plain!, 'v1n')]
      expect(both.toSorted()).toEqual(
        [old.secrets.plain, old.secrets.rotated].map((key) => signed(plain!, key)).toSorted(),
      )
    })

    it('delivers what is captured now', async () => {
      const { capture } = createApiClient({ url: rex.url, key: old.apiKey })
      expect((await capture({ email: 'after@example.com', first_name: 'Über' })).status).toBe(201)
      const here = () => receiver.webhooks.filter(({ body }) => body.includes('after@example.com')).map(pathOf)
      await eventually(
        () => here().length >= 4,
        () => here().join(),
      )
      expect(here().sort()).toEqual(['/fail', '/fail-later', '/ok', '/plain'])
    })

    it('sends what 0.1 held once its endpoint is enabled, and tries again what failed', async () => {
      const enable = 'mutation ($id: ID!) { updateWebhookEndpoint(input: { id: $id, enabled: true }) { __typename } }'
      await ask()(enable, { id: old.endpoints.held })
      const heldIds = before.filter(({ status }) => status === 'HELD').map(({ id }) => id)
      const failed = before.find(({ status }) => status === 'FAILED')!
      await ask()('mutation ($id: ID!) { retryDelivery(id: $id) { __typename } }', { id: failed.id })
      await eventually(
        () => areDone([...heldIds, failed.id]),
        async () => JSON.stringify(await deliveries()),
      )
    })
  })
})

function pathOf({ path }: ReceivedWebhook): string {
  return path
}

function signatureOf({ headers }: ReceivedWebhook, name: 'v1' | 'v1n'): string | undefined {
  const parts = headers['x-rex-signature']?.split(',').map((part) => part.split('=')) ?? []
  return parts.find(([key]) => key === name)?.[1]
}

function signed({ headers, body }: ReceivedWebhook, secret: string): string {
  const timestamp = /^t=(\d+),/.exec(headers['x-rex-signature'] ?? '')?.[1]
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
}
