import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { attacks, filteredContacts, longFilters } from '../../bench/attacks.ts'
import { createGraphqlClient, type GraphqlClient, readAnswer } from '../support/graphql-client.ts'
import { sendRaw } from '../support/raw-http.ts'
import { connectSubscriber } from '../support/subscriber.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
let graphql: GraphqlClient

beforeAll(async () => {
  app = await startTestApp()
  graphql = createGraphqlClient(app)
})

afterAll(() => app?.stop())

afterEach(async () => {
  expect((await graphql('{ viewer { id } }')).codes).toEqual([])
  expect(app.logLines.filter((line) => /"level":"(?:warn|error)"|node_modules/.test(line))).toEqual([])
})

describe('what asks for too much, or in a way that is not taken, is refused', () => {
  it.each(attacks)('$name', async ({ method = 'POST', search = '', headers, body, status, code }) => {
    const answer = await readAnswer(
      await fetch(`${app.url}/graphql${search}`, {
        method,
        headers: { accept: 'application/graphql-response+json', 'x-api-key': app.key, ...headers },
        body: body ?? null,
      }),
    )
    expect([answer.status, answer.codes[0] ?? JSON.parse(answer.text).error?.code, answer.data]).toEqual([
      status,
      code,
      undefined,
    ])
    expect(answer.text.length).toBeLessThan(4000)
    expect(answer.text).not.toMatch(/Did you mean|emaill|originalError/)
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  })

  it.each(longFilters)('a filter of $name', async ({ filter }) => {
    expect((await graphql(filteredContacts, { filter })).codes).toEqual(['BAD_USER_INPUT'])
    await using subscriber = await connectSubscriber(app, {
      query: 'subscription ($filter: ContactFilter) { contactCreated(filter: $filter) { eventId } }',
      variables: { filter: { or: Array.from({ length: 201 }, () => ({ stage: { eq: 'lead' } })) } },
    })
    expect(JSON.stringify([await subscriber.ended(), subscriber.results])).toContain('BAD_USER_INPUT')
  })

  it('but not a filter that people write', async () => {
    const stage = { in: Array.from({ length: 1000 }, (_, nth) => `stage-${nth}`) }
    const or = Array.from({ length: 40 }, (_, nth) => ({ name: { contains: `Jane ${nth}` } }))
    const not = JSON.parse(`${'{"not":'.repeat(12)}{}${'}'.repeat(12)}`)
    for (const filter of [{ stage }, { or }, not])
      expect((await graphql(filteredContacts, { filter })).codes).toEqual([])
  })

  it('a type that goes on in the next line', async () => {
    const body = '{"query":"{ viewer { id } }"}'
    const statusOf = async (type: string) => {
      const answer = await sendRaw(
        app.url,
        `POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: ${app.key}\r\nConnection: close\r\n` +
          `Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
      return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])
    }
    expect(await statusOf('application/json')).toBe(200)
    for (const type of [
      'text/plain;\r\n application/json',
      'text/plain\r\n\tapplication/json',
      'text/plain;\napplication/json',
    ])
      expect([400, 415]).toContain(await statusOf(type))
    expect(await statusOf('text/plain\r\nContent-Type: application/json')).toBe(415)
  })
})
