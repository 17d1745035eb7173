import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../support/test-app.ts'

describe('the log of a request', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await startTestApp()
    const client = new pg.Client({ connectionString: app.database.environment.DATABASE_URL })
    await client.connect()
    await client.query('set lock_timeout = 0') // The service may be reading the table.
    await client.query('alter table submission rename column received_at to elsewhere')
    await client.end()
  })
  afterAll(() => app.stop())

  it.each(['application/json', 'application/graphql-response+json'])(
    'has the id that the caller got in each line, also of an operation that fails: %s',
    async (accept) => {
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { accept, 'x-api-key': app.key, 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ submissions(first: 1) { nodes { id } } }' }),
      })
      expect(await response.text()).toContain('INTERNAL')
      const id = response.headers.get('x-request-id')
      const lines = app.logLines.map((line) => JSON.parse(line)).filter(({ request_id }) => request_id === id)
      expect(lines.map(({ event }) => event).sort()).toEqual(['graphql.failed', 'http.answered'])
    },
  )
})
