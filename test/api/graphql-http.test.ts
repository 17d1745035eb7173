import { request } from 'node:http'
import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGraphqlClient, createWorkspace, type GraphqlClient, readAnswer } from '../support/graphql-client.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const strict = { accept: 'application/graphql-response+json' }

let app: TestApp
let graphql: GraphqlClient

beforeAll(async () => {
  app = await startTestApp()
  graphql = createGraphqlClient(app)
})

afterAll(() => app?.stop())

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${app.url}/graphql`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-api-key': app.key, ...headers },
  })

describe('a request', () => {
  it('carries its key in either header', async () => {
    const body = JSON.stringify({ query: '{ viewer { id } }' })
    const bearer = await post(body, { 'x-api-key': '', authorization: `Bearer ${app.key}` })
    expect((await readAnswer(bearer)).data).toEqual({ viewer: { id: expect.stringMatching(/^key_/) } })
  })

  it.each(['application/json', 'text/event-stream'])('may write the path in escapes, for %s', async (accept) => {
    const url = `${app.url}/%67raphql?query=${encodeURIComponent('{ viewer { id } }')}`
    const answer = await fetch(url, { headers: { accept, 'x-api-key': app.key } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining(accept)])
    expect(await answer.text()).toContain('"id":"key_')
  })

  it.each(['application/json', 'application/graphql-response+json'])(
    'without a key, or with a wrong one, is 401 under %s',
    async (accept) => {
      for (const key of ['', 'wrong-key-wrong-key-wrong', 'rex_00000000_00000000000000000000000000000000_000000']) {
        const answer = await graphql('{ viewer { id } }', {}, { 'x-api-key': key, accept })
        expect(answer.status).toBe(401)
        expect(answer.codes).toEqual(['UNAUTHENTICATED'])
        expect(answer.headers.get('content-type')).toContain(accept)
      }
    },
  )

  it('with the key of another workspace than its host is refused, and so is an unknown workspace', async () => {
    const key = await createWorkspace(graphql, 'acme')
    const { port } = new URL(app.url)
    expect(await rawStatus({ host: `acme.localhost:${port}`, 'x-api-key': app.key })).toEqual([403, 'FORBIDDEN'])
    expect(await rawStatus({ host: `nobody.localhost:${port}`, 'x-api-key': key })).toEqual([404, 'NOT_FOUND'])
    expect(await rawStatus({ host: `acme.localhost:${port}`, 'x-api-key': key })).toEqual([200, undefined])
  })

  it('is refused with 4xx under graphql-response+json and told with 200 under json when its document is wrong', async () => {
    for (const query of ['{', '{ nothing }', 'query ($first: Int!) { contacts(first: $first) { nodes { id } } }']) {
      const wrong = await graphql(query, {}, strict)
      expect([wrong.status, wrong.codes, wrong.data]).toEqual([400, ['BAD_USER_INPUT'], undefined])
      const told = await graphql(query, {}, { accept: 'application/json' })
      expect([told.status, told.codes]).toEqual([200, ['BAD_USER_INPUT']])
    }
  })

  it.each([
    ['application/json', 200],
    ['application/graphql-response+json', 400],
  ])('whose argument is refused is answered alike before and after its Accept is known: %s', async (type, status) => {
    const accept = `${type}, text/x-first-asked-here`
    const search = `{ contacts(search: "${'x'.repeat(201)}") { nodes { id } } }`
    const ask = () => graphql(search, {}, { accept })
    const first = await ask()
    expect((await graphql('{ viewer { id } }', {}, { accept })).status).toBe(200)
    const later = await ask()
    expect([first.status, first.codes]).toEqual([status, ['BAD_USER_INPUT']])
    expect([later.status, later.text]).toEqual([first.status, first.text])
    for (const { headers } of [first, later]) expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`)
  })

  it('tells no suggestions, stacks, values or parser internals', async () => {
    const answers = [
      await graphql('{ contact }'),
      await graphql('{ viewr { id } }'),
      await graphql('query ($id: Int!) { node(id: $id) { id } }', { id: 'secret-value' }),
      await graphql('query ($first: Int) { contacts(first: $first) { nodes { id } } }', { first: 'jane@example.com' }),
      await graphql('{ contacts(first: "jane@example.com") { nodes { id } } }'),
      await graphql('{ contacts(orderBy: { field: "jane@example.com" }) { nodes { id } } }'),
      await graphql('{ contacts(orderBy: "jane@example.com") { nodes { id } } }'),
      await graphql('{ node(id: ["jane@example.com", true]) { id } }'),
      await graphql('{ viewer { "jane@example.com" } }'),
      await graphql('"jane@example.com"'),
      await graphql('{ viewer { """jane@example.com""" } }'),
      await readAnswer(await post('{"query": "{ viewer { id } }", broken-secret')),
    ]
    for (const { text } of answers)
      expect(text).not.toMatch(/Did you mean|secret|jane|node_modules|originalError|SyntaxError/)
  })

  it.each([
    ['of two operations without a name', { query: 'query A { __typename } query B { __typename }' }],
    ['of a name that no operation has', { query: 'query A { __typename }', operationName: 'C' }],
    ['of a fragment alone', { query: 'fragment F on Query { __typename }' }],
  ])('%s has no operation to execute, as any wrong document', async (_, body) => {
    for (const [accept, status] of [
      ['application/json', 200],
      ['application/graphql-response+json', 400],
    ] as const) {
      const posted = await readAnswer(await post(JSON.stringify(body), { accept }))
      const url = `${app.url}/graphql?${new URLSearchParams(body)}`
      const got = await readAnswer(await fetch(url, { headers: { 'x-api-key': app.key, accept } }))
      for (const answer of [posted, got])
        expect([answer.status, answer.codes, answer.data]).toEqual([status, ['BAD_USER_INPUT'], undefined])
    }
  })

  it.each([
    ['broken JSON', '{"query":', {}, 400],
    ['no query', '{}', strict, 400],
    ['no query, under application/json', '{}', { accept: 'application/json' }, 400],
    ['a query that is null', '{"query":null}', { accept: 'application/json' }, 400],
    ['null instead of parameters', 'null', { accept: 'application/json' }, 400],
    ['a name that is none', '{"query":"{ __typename }","operationName":5}', { accept: 'application/json' }, 400],
    ['an unknown parameter', '{"query":"{ __typename }","q":1}', { accept: 'application/json' }, 400],
    ['variables in a list', '{"query":"{ __typename }","variables":[]}', { accept: 'application/json' }, 400],
    ['a batch', '[{"query":"{ viewer { id } }"}]', {}, 400],
    ['a form', 'query=%7Bviewer%7Bid%7D%7D', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['text', '{"query":"{ viewer { id } }"}', { 'content-type': 'text/plain' }, 415],
    ['multipart', '--x--', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['another charset', '{"query":"{ viewer { id } }"}', { 'content-type': 'application/json; charset=utf-16' }, 415],
    ['an encoding', '{"query":"{ viewer { id } }"}', { 'content-encoding': 'gzip' }, 415],
    ['a form called json', 'query=%7Bviewer%7Bid%7D%7D', { 'content-type': 'application/jsonx' }, 415],
    ['bytes that are no UTF-8', new Uint8Array(Buffer.from('{"query":"{ viewer { id } } #\xff"}', 'latin1')), {}, 400],
    ['an Accept for nothing that it has', '{"query":"{ viewer { id } }"}', { accept: 'image/png' }, 406],
    [
      'a stream that is not asked for as one',
      '{"query":"subscription { events { __typename } }"}',
      { accept: 'application/json' },
      406,
    ],
  ])('with %s is refused', async (_, body, headers, status) => {
    const answer = await readAnswer(await post(body, headers))
    expect([answer.status, answer.codes]).toEqual([status, ['BAD_USER_INPUT']])
  })

  it.each(['APPLICATION/JSON', 'Application/Json; Charset=UTF-8', 'application/json ; charset="utf-8"'])(
    'may spell its type as %s',
    async (type) => {
      const answer = await readAnswer(await post('{"query":"{ viewer { id } }"}', { 'content-type': type }))
      expect([answer.status, answer.codes]).toEqual([200, []])
    },
  )

  it.each([
    ['variables', 'jane.doe@example.com'],
    ['variables', '{'],
    ['extensions', '{"a":'],
    ['variables', '5'],
    ['extensions', '[]'],
  ])('by GET with %s that are %s is refused, and no failure of ours', async (name, text) => {
    for (const accept of ['application/json', 'application/graphql-response+json', 'text/event-stream']) {
      const query = new URLSearchParams({ query: '{ viewer { id } }', [name]: text })
      const sent = await fetch(`${app.url}/graphql?${query}`, { headers: { 'x-api-key': app.key, accept } })
      expect(sent.status).toBe(400)
      expect(await sent.text()).toMatch(/BAD_USER_INPUT/)
    }
    expect(app.logLines.filter((line) => /graphql\.failed|jane|SyntaxError/.test(line))).toEqual([])
  })

  it('by GET may leave its variables empty', async () => {
    const url = `${app.url}/graphql?query=${encodeURIComponent('{ viewer { id } }')}&variables=&extensions=`
    expect((await fetch(url, { headers: { 'x-api-key': app.key } })).status).toBe(200)
  })

  it.each(['2026-02-30', '2026-04-31', '2025-02-29', '2026-13-01', '2026-00-10'])(
    'for a day that is none, %s, is refused',
    async (day) => {
      const query =
        'query ($from: DateTime!) { captureStats(from: $from, to: "2027-01-01T00:00:00Z") { buckets { at } } }'
      expect((await graphql(query, { from: `${day}T00:00:00Z` })).codes).toEqual(['BAD_USER_INPUT'])
    },
  )

  it.each([
    '2024-02-29T23:59:59Z',
    '2026-12-31T00:00:00.123456+14:00',
    '2024-02-29t23:59:59.5z',
    '2024-02-29T23:59:59.0123456789-00:00',
  ])('for %s is taken', async (from) => {
    const query = 'query ($filter: ContactFilter) { contacts(filter: $filter) { nodes { id } } }'
    expect((await graphql(query, { filter: { createdAt: { gte: from } } })).codes).toEqual([])
  })

  it('of more than 256 KiB is refused, announced or not', async () => {
    const body = JSON.stringify({ query: `{ viewer { id } } # ${'x'.repeat(256 * 1024)}` })
    const tooLarge = await post(body)
    expect({ status: tooLarge.status, says: (await tooLarge.text()).includes('256 KiB') }).toEqual({
      status: 413,
      says: true,
    })
    const stream = new Blob([body]).stream()
    const init = {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { 'content-type': 'application/json', 'x-api-key': app.key },
    }
    const unannounced = await fetch(`${app.url}/graphql`, init as RequestInit).then(
      ({ status }) => status,
      () => 'cut',
    )
    expect([413, 'cut']).toContain(unannounced)
  })

  it('by GET may query and not mutate', async () => {
    const get = (query: string) =>
      fetch(`${app.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { 'x-api-key': app.key } })
    expect((await get('{ viewer { id } }')).status).toBe(200)
    expect((await get('mutation { deleteWebhookEndpoint(id: "x") { __typename } }')).status).toBe(405)
    expect((await fetch(`${app.url}/graphql`, { method: 'PUT' })).status).toBe(405)
  })

  it('takes text that PostgreSQL cannot store for bad input, in literals and variables', async () => {
    const query = 'query ($search: String) { contacts(search: $search) { nodes { id } } }'
    for (const search of ['\u0000', '\ud800'])
      expect((await graphql(query, { search })).codes).toEqual(['BAD_USER_INPUT'])
    expect((await graphql('{ contacts(search: "\\u0000") { nodes { id } } }')).codes).toEqual(['BAD_USER_INPUT'])
  })
})

it('the standard introspection is not too much', async () => {
  const { data, errors } = await graphql(
    getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, specifiedByUrl: true }),
  )
  expect(errors).toEqual([])
  expect(data).toHaveProperty('__schema')
})

/** fetch sets Host by itself. */
function rawStatus(headers: Record<string, string>): Promise<[number | undefined, string | undefined]> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${app.url}/graphql`,
      { method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve([response.statusCode, JSON.parse(text).errors?.[0].extensions.code]))
      },
    )
    sent.on('error', reject)
    sent.end('{"query":"{ viewer { id } }"}')
  })
}
