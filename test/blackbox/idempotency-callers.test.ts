import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlClient, createKey, type GraphqlClient } from '../support/graphql-client.ts'
import { sendJson } from '../support/http-client.ts'
import { type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'

const adminKey = 'blackbox-admin-key-0123456789-abcdef'

describe('11.6: idempotency keys of a process', () => {
  let own: OwnDatabase
  let rex: RexProcess
  let graphql: GraphqlClient
  let server: string
  let other: string

  beforeAll(async () => {
    own = await createTestDatabase()
    rex = await startRexProcess({ ...own.environment, REX_API_KEY: adminKey })
    graphql = createGraphqlClient({ url: rex.url, key: adminKey })
    server = await createKey(graphql, ['CAPTURE', 'CONTACTS_READ'])
    other = await createKey(graphql, ['CAPTURE'])
  })
  afterAll(async () => {
    await rex?.signal('SIGTERM')
    await own?.drop()
  })

  const post = (body: object, name: string, apiKey?: string) =>
    sendJson(rex.url, '/capture', body, {
      'idempotency-key': name,
      ...(apiKey !== undefined && { 'x-api-key': apiKey }),
    })
  const firstNameOf = async (email: string) => {
    const { data } = await graphql('query ($email: String!) { contact(by: { email: $email }) { firstName } }', {
      email,
    })
    return (data['contact'] as { firstName: string } | null)?.firstName
  }

  it("a stranger's key neither refuses a server's capture nor answers it", async () => {
    const stranger = await post({ email: 'stranger@example.com', first_name: 'Mallory' }, 'order-1')
    const first = await post({ email: 'buyer@example.com', first_name: 'Jane' }, 'order-1', server)
    expect([stranger.status, first.status]).toEqual([201, 201])
    expect(first.json.data).toMatchObject({ email: 'buyer@example.com', first_name: 'Jane' })
    expect(await firstNameOf('buyer@example.com')).toBe('Jane')
    const again = await post({ email: 'buyer@example.com', first_name: 'Jane' }, 'order-1', server)
    expect(again.json).toEqual(first.json)
    expect(await post({ email: 'buyer@example.com', first_name: 'Joan' }, 'order-1', server)).toMatchObject({
      status: 409,
      json: { error: { code: 'idempotency_conflict' } },
    })
  })

  it("a stranger's held capture is not replayed to a key as its success", async () => {
    const links = [1, 2, 3, 4, 5].map((nth) => `https://${nth}.example`).join(' ')
    const body = { email: 'held@example.com', first_name: 'Jane', note: links }
    const stranger = await post(body, 'order-2')
    expect(stranger.status).toBe(201)
    expect(await firstNameOf('held@example.com')).toBeUndefined()
    const mine = await post(body, 'order-2', server)
    expect(mine.status).toBe(201)
    expect(mine.json.data?.['id']).not.toBe(stranger.json.data?.['id'])
    expect(await firstNameOf('held@example.com')).toBe('Jane')
    expect((await post(body, 'order-2')).json).toEqual(stranger.json)
  })

  it('two keys have names of their own, also for requests that arrive together', async () => {
    const callers = [undefined, server, other, adminKey]
    const sent = callers.flatMap((apiKey, nth) =>
      Array.from({ length: 5 }, () => ({ email: `together-${nth}@example.com`, apiKey })),
    )
    const answers = await Promise.all(sent.map(({ email, apiKey }) => post({ email }, 'order-3', apiKey)))
    expect(answers.map(({ status }) => status)).toEqual(sent.map(() => 201))
    expect(answers.map(({ json }) => json.data?.['email'])).toEqual(sent.map(({ email }) => email))
    const { data } = await graphql('{ contacts(first: 100, search: "together-") { nodes { email submissionCount } } }')
    const { nodes } = data['contacts'] as { nodes: { submissionCount: number }[] }
    expect(nodes.map(({ submissionCount }) => submissionCount)).toEqual([1, 1, 1, 1])
  })
})
