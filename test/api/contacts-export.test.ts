import { get } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { signIn } from '../support/browser-session.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient, createKey, createWorkspace, type GraphqlClient } from '../support/graphql-client.ts'
import { runOn } from '../support/run-on.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

describe('GET /contacts/export', () => {
  let app: TestApp
  let admin: GraphqlClient

  beforeAll(async () => {
    app = await startTestApp()
    admin = createGraphqlClient(app)
    const { capture } = createApiClient(app)
    await capture({ email: 'old@example.com', first_name: 'Old' })
    await capture({
      email: 'jane@example.com',
      first_name: '=HYPERLINK("http://evil.example")',
      last_name: 'Doe, "the"',
      source: '+1',
      metadata: { utm_source: 'google', note: '@x' },
    })
    await runOn(app, "update contact set created_at = created_at - interval '1 day' where email = 'old@example.com'")
  })

  afterAll(() => app?.stop())

  const exported = (query: string, headers: Readonly<Record<string, string>> = { 'x-api-key': app.key }) =>
    fetch(`${app.url}/contacts/export${query}`, { headers: { ...headers } })

  it('sends CSV that no spreadsheet runs', async () => {
    const response = await exported('')
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="contacts.csv"')
    const [header, jane, old, end] = (await response.text()).split('\r\n')
    expect(header).toBe(
      'id,email,first_name,last_name,stage,source,metadata,first_touch,last_touch,submission_count,created_at,updated_at,last_seen_at',
    )
    expect(jane).toContain(`,jane@example.com,"'=HYPERLINK(""http://evil.example"")","Doe, ""the""",lead,'+1,`)
    expect(old).toContain(',old@example.com,Old,,lead,,')
    expect(end).toBe('')
  })

  it('sends JSON, and a line of JSON each', async () => {
    const { data } = (await (await exported('?format=json')).json()) as { data: object[] }
    expect(data).toMatchObject([
      {
        email: 'jane@example.com',
        metadata: { utm_source: 'google', note: '@x' },
        first_touch: { source: 'google', landing_page: null },
        submission_count: 1,
      },
      { email: 'old@example.com', first_touch: null },
    ])
    const lines = (await (await exported('?format=ndjson')).text()).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(data)
  })

  it('takes the filter and the search of GraphQL', async () => {
    const emails = async (query: string) =>
      ((await (await exported(`?format=json&${query}`)).json()) as { data: { email: string }[] }).data.map(
        ({ email }) => email,
      )
    const filter = encodeURIComponent(JSON.stringify({ source: { eq: '+1' } }))
    expect(await emails(`filter=${filter}`)).toEqual(['jane@example.com'])
    expect(await emails('search=old')).toEqual(['old@example.com'])
    expect(await emails('search=nobody')).toEqual([])
  })

  it.each([
    ['a wrong format', 'format=xml'],
    ['a filter that is no JSON', 'filter=%7B'],
    ['a filter with an unknown field', `filter=${encodeURIComponent('{"nope":1}')}`],
    ['a filter with a wrong value', `filter=${encodeURIComponent('{"stage":1}')}`],
    [
      'too large a filter',
      `filter=${encodeURIComponent(JSON.stringify({ or: Array(300).fill({ stage: { eq: 'a' } }) }))}`,
    ],
    ['two filters', 'filter={}&filter={}'],
  ])('is refused with 422 for %s', async (_, query) => {
    const response = await exported(`?${query}`)
    expect([response.status, await response.json()]).toMatchObject([422, { error: { code: 'invalid_request' } }])
  })

  it('needs CONTACTS_READ, and masks without PII_READ', async () => {
    expect((await exported('', {})).status).toBe(401)
    const without = await createKey(admin, ['EVENTS_READ'])
    expect((await exported('', { 'x-api-key': without })).status).toBe(403)
    const key = await createKey(admin, ['CONTACTS_READ'])
    const text = await (await exported('?format=ndjson', { 'x-api-key': key })).text()
    expect(text).toContain('j***@example.com')
    expect(text).not.toContain('jane@')
    const filter = encodeURIComponent('{"email":{"startsWith":"j"}}')
    expect((await exported(`?filter=${filter}`, { 'x-api-key': key })).status).toBe(403)
  })

  it('works with a session, and never with its cookie alone', async () => {
    const { headers, cookie } = await signIn(app.url, { api_key: app.key })
    expect((await exported('', headers)).status).toBe(200)
    expect((await exported('', { cookie })).status).toBe(401)
  })

  it('sends nothing of another workspace', async () => {
    const key = await createWorkspace(admin, 'acme')
    expect(await (await exported('?format=json', { 'x-api-key': key })).json()).toEqual({ data: [] })
  })

  describe('of many contacts', () => {
    beforeAll(async () => {
      await runOn(
        app,
        `insert into contact (workspace_id, id, email, stage, metadata, created_at)
         select workspace_id, 'cont_' || lpad(nth::text, 26, '0'), 'many-' || nth || '@example.com', 'lead',
                jsonb_build_object('note', repeat('x', 4000)), now() - nth * interval '1 second'
         from generate_series(1, 5000) nth, (select workspace_id from contact where email = 'jane@example.com') as own`,
      )
    })

    it('sends each of them once', async () => {
      const text = await (await exported('?format=ndjson')).text()
      const ids = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id)
      expect([ids.length, new Set(ids).size]).toEqual([5002, 5002])
    })

    it('waits for a slow reader, and ends when the reader has gone', async () => {
      const stopReading = () =>
        new Promise<() => void>((resolve, reject) => {
          const request = get(`${app.url}/contacts/export`, { headers: { 'x-api-key': app.key } }, (response) => {
            response.pause()
            resolve(() => request.destroy())
          })
          request.on('error', reject)
        })
      const leave = [await stopReading(), await stopReading()]
      const third = await exported('')
      expect([third.status, third.headers.get('retry-after')]).toEqual([429, '5'])
      for (const go of leave) go()
      await eventually(
        async () => (await exported('?search=old')).status === 200,
        () => 'two exports still run',
      )
    })

    it('is cut off when its key is revoked meanwhile', async () => {
      const key = await createKey(admin, ['CONTACTS_READ', 'PII_READ'])
      const response = await exported('', { 'x-api-key': key })
      const { data } = await createGraphqlClient({ ...app, key })('{ viewer { id } }')
      await admin('mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }', data['viewer'])
      await expect(response.text()).rejects.toThrow()
    })
  })
})
