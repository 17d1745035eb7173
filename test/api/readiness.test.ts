import { afterEach, expect, it } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { createGraphqlClient } from '../support/graphql-client.ts'
import { onServer } from '../support/on-server.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp | undefined
afterEach(async () => {
  await app?.stop()
  app = undefined
})

/** Renames a column that fan-out needs, as soon as no poll holds its table. */
async function rename({ database }: TestApp, from: string, to: string): Promise<void> {
  const sql = `alter table reader_position rename column ${from} to ${to}`
  let problem = ''
  const renamed = () =>
    onServer(database.environment.DATABASE_URL, sql).then(
      () => true,
      (error: unknown) => {
        problem = String(error)
        return false
      },
    )
  await eventually(renamed, () => problem)
}

/** Starts a role in which fan-out cannot read its position. */
async function startWithoutFanOut(role: string): Promise<TestApp> {
  app = await startTestApp({ REX_ROLE: role })
  await rename(app, 'position', 'elsewhere')
  return app
}

async function readyOnce(url: string, wanted: (body: string) => boolean) {
  let body = ''
  let status = 0
  await eventually(
    async () => {
      const response = await fetch(`${url}/readyz`)
      status = response.status
      body = await response.text()
      return wanted(body)
    },
    () => `${status} ${body}`,
  )
  return { status, json: JSON.parse(body) }
}

const namesFanOut = (body: string) => body.includes('fanout')

it('names workers that fail, and goes on to take captures', async () => {
  const { url, key } = await startWithoutFanOut('all')
  const { status, json } = await readyOnce(url, namesFanOut)
  const checks = { workers: expect.stringMatching(/^These fail, and the log says why: .*fanout/) }
  expect({ status, json }).toEqual({ status: 200, json: { data: { status: 'ok', checks } } })
  expect((await createApiClient({ url, key }).capture({ email: 'jane@example.com' })).status).toBe(201)
  const { data } = await createGraphqlClient({ url, key })('{ serverStatus { problems { part message } } }')
  expect(data['serverStatus']).toEqual({ problems: [{ part: 'workers', message: checks.workers }] })
})

it('is 503 for a process that only delivers, and good again when delivery works', async () => {
  const worker = await startWithoutFanOut('worker')
  const { status, json } = await readyOnce(worker.url, namesFanOut)
  expect({ status, code: json.error.code }).toEqual({ status: 503, code: 'unavailable' })
  expect(json.error.checks.workers).toContain('fanout')
  await rename(worker, 'elsewhere', 'position')
  const good = await readyOnce(worker.url, (body) => body.includes('"ok"'))
  expect(good).toEqual({ status: 200, json: { data: { status: 'ok' } } })
})
