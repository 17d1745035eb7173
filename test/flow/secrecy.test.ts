import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { dumpDatabase } from '../support/database-dump.ts'
import { eventually } from '../support/eventually.ts'
import { queriesOfNodes } from '../support/every-field.ts'
import { createGraphqlClient, createKey, createWorkspace } from '../support/graphql-client.ts'
import { inTurn, type Receiver, startReceiver } from '../support/receiver.ts'
import { leaksOf, type Place } from '../support/secret-forms.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { openOwn } from '../support/test-parts.ts'

const given = `whsec_${Buffer.from('a secret of thirty-two bytes, so').toString('base64')}`
const plain = 'my-own-secret-of-no-known-form'
const ids = /\b[a-z]+_[0-9A-HJKMNP-TV-Z]{26}\b/g
const listed = `{
  viewer { id } workspace { id apiKeys { id } } contacts { nodes { id } } submissions { nodes { id } }
  events { nodes { id } } deliveries { nodes { id attempts { id } } } webhookEndpoints { nodes { id } }
  auditLog(first: 100) { nodes { id } } sources { nodes { id } }
}`

describe('secrets and keys', () => {
  let app: TestApp
  let receiver: Receiver
  let secrets: Record<string, string>
  /** Shown to whoever may read sources, and nowhere else. */
  const tokens: Record<string, string> = {}
  const answers: Place[] = []

  beforeAll(async () => {
    app = await startTestApp({ LOG_LEVEL: 'trace', REX_RETRY_SCHEDULE: '0,0' })
    receiver = await startReceiver(inTurn([500], [500], [401], [200]))
    secrets = { 'the first key': app.key, ...(await useSecrets()) }
  })
  afterAll(async () => {
    await receiver?.stop()
    await app?.stop()
  })

  /** One call; its answer is kept without what it tells this once. */
  const call = async (method: string, path: string, body?: unknown, key = app.key, once?: string) => {
    const response = await fetch(app.url + path, {
      method,
      headers: { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const told = once ?? JSON.parse(text || '{}').data?.secret ?? ''
    answers.push({ name: `${method} ${path.replace(ids, ':id')}`, text: told === '' ? text : text.replace(told, '') })
    return { status: response.status, text, told: String(told) }
  }
  const graphql = async (query: string, variables?: unknown) => {
    const { text } = await call('POST', '/graphql', { query, variables }, app.key, '')
    expect(JSON.parse(text).errors).toBeUndefined()
    return text
  }
  const create = async (body: object) => {
    const { text, told } = await call('POST', '/webhooks', { url: receiver.url, events: ['*'], ...body })
    return { id: String(JSON.parse(text).data.id), secret: told }
  }
  const createByGraphql = async (secret: string) => {
    const input = { url: receiver.url, events: ['*'], secret }
    const { text } = await call('POST', '/graphql', { query: creation, variables: { input } }, app.key, secret)
    return { id: String(/"id":"(wh_\w+)"/.exec(text)?.[1]) }
  }
  const settled = () =>
    eventually(
      async () => !/PENDING|RETRYING/.test(await graphql('{ deliveries { nodes { status } } }')),
      () => app.logLines.join(''),
    )

  /** All that makes, changes, uses and refuses secrets; answers each with what it is. */
  const useSecrets = async () => {
    const client = createGraphqlClient(app)
    const [key, otherKey] = [await createKey(client, ['ADMIN']), await createWorkspace(client, 'other')]
    const [ours, made] = [await create({ secret: given }), await createByGraphql(plain)]
    const generated = await create({})
    const { told: second } = await call('POST', `/webhooks/${generated.id}/rotate-secret`)
    const { told: third } = await call('POST', `/webhooks/${generated.id}/rotate-secret`)
    const { told: rotated } = await call('POST', `/webhooks/${ours.id}/rotate-secret`, { overlap_hours: 0 })
    const ofSource = await useSources()
    await refuse()
    await createApiClient(app).capture({ email: 'jane@example.com' })
    await receiver.received(4)
    await settled()
    await call('POST', `/webhooks/${made.id}/test`)
    await call('PATCH', `/webhooks/${made.id}`, { description: 'changed' })
    await replay(made.id)
    await settled()
    return {
      'a secret of the caller': given,
      'a secret of another form': plain,
      'a generated secret': generated.secret,
      'the secret after it': second,
      'the secret after that': third,
      'a secret without overlap': rotated,
      'a refused secret': refused,
      'a generated key': key,
      'a key of another workspace': otherKey,
      'a wrong key': wrongKey,
      ...ofSource,
    }
  }

  /** Creates, changes, rotates and refuses; returns the secrets that were set, and keeps the tokens. */
  const useSources = async () => {
    const [one, two, rejected] = ['secret-of-a-source-1', 'secret-of-a-source-2', 'rejected-secret-of-a-source']
    const tokenIn = (text: string) => /in_[0-9A-Za-z]{22,}/.exec(text)?.[0] ?? ''
    const made = await call('POST', '/sources', { name: 'Form', kind: 'typeform', secret: one })
    const { id } = JSON.parse(made.text).data
    await call('PATCH', `/sources/${id}`, { secret: two })
    const rotated = await call('POST', `/sources/${id}/rotate-url`)
    const query = 'mutation ($secret: String) { createSource(input: { name: "Form", secret: $secret }) { __typename } }'
    await graphql(query, { secret: one })
    expect((await call('PATCH', `/sources/${id}`, { secret: `${rejected}\n` })).status).toBe(422)
    Object.assign(tokens, { 'a token': tokenIn(made.text), 'the token after it': tokenIn(rotated.text) })
    for (const token of Object.values(tokens)) await call('POST', `/capture/${token}`, { email: 'joan@example.com' })
    return { 'a secret of a source': one, 'the secret after that one': two, 'a rejected secret': rejected } as Record<
      string,
      string
    >
  }

  const refused = 'refused-secret-0123456789'
  const wrongKey = 'wrong-key-0123456789-0123456789'
  const refuse = async () => {
    const statuses = [
      await call('POST', '/webhooks', { url: 'http://10.0.0.1/', secret: refused }),
      await call('POST', '/webhooks', { url: 'nonsense', secret: `${refused} ${refused}` }),
      await call('POST', '/webhooks', `{"url": "${refused}`),
      await call('GET', '/webhooks', undefined, wrongKey),
    ]
    expect(statuses.map(({ status }) => status)).toEqual([422, 422, 400, 401])
  }
  const replay = (endpointId: string) =>
    graphql(
      `mutation ($id: ID!) { replayDeliveries(input: { endpointId: $id, from: "2020-01-01T00:00:00Z",
        status: [SUCCEEDED, FAILED] }) { __typename ... on ReplaySuccess { matched replayId } } }`,
      { id: endpointId },
    )

  it('are in no later answer: lists, every field of every node, the audit log, metrics', async () => {
    for (const path of ['/webhooks', '/sources', '/metrics', '/healthz', '/openapi.json'])
      await call('GET', path, undefined, app.key, '')
    const found = new Set((await graphql(listed)).match(ids))
    const types = new Set<string>()
    for (const id of found) {
      const [, type = ''] = /"__typename":"(\w+)"/.exec(await graphql(whichType, { id })) ?? []
      types.add(type)
      await graphql(queriesOfNodes.get(type)!, { id })
      if (type === 'WebhookEndpoint') await call('GET', `/webhooks/${id}`)
    }
    expect(types).toEqual(new Set(queriesOfNodes.keys()))
    expect(leaksOf(secrets, answers)).toEqual([])
  })

  it('are in no line of the log, however much it tells', () => {
    const log = app.logLines.join('')
    for (const event of ['delivery.attempted', '"outcome":"accepted"', '"outcome":"refused"'])
      expect(log).toContain(event)
    expect(leaksOf({ ...secrets, ...tokens }, [{ name: 'the log', text: log }])).toEqual([])
  })

  it('are in no column of any table', async () => {
    await app.halt()
    const database = await openOwn(app.database)
    const columns = await dumpDatabase(database)
    await database.close()
    const textOf = (name: string) => columns.find((column) => column.name === `public.${name}`)?.text
    expect(textOf('contact.email')).toBe('jane@example.com')
    expect(textOf('webhook_endpoint.previous_secret')).toMatch(/^k1:/)
    expect(textOf('source.previous_secret')).toMatch(/^k1:/)
    expect(textOf('source.token')).toMatch(/^k1:/)
    expect(textOf('attempt.response_body')).toContain('answer 1')
    expect(leaksOf({ ...secrets, ...tokens }, columns)).toEqual([])
  })
})

const creation = `mutation ($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) { ... on WebhookSecretSuccess { endpoint { id } secret } } }`
const whichType = 'query ($id: ID!) { node(id: $id) { __typename } }'
