import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiClient } from '../../support/api-client.ts'
import { makeDataFolder } from '../../support/data-folder.ts'
import { type Receiver, startReceiver } from '../../support/receiver.ts'
import { runRexCommand } from '../../support/rex-process.ts'
import { startTestApp, type TestApp } from '../../support/test-app.ts'

interface Check {
  readonly name: string
  readonly status: string
  readonly detail: string
  readonly fix?: string
}

let app: TestApp
let receiver: Receiver
let endpoints: { readonly open: string; readonly closed: string }

beforeAll(async () => {
  receiver = await startReceiver()
  app = await startTestApp()
  const api = createApiClient(app)
  const open = await api.createEndpoint({ url: receiver.url, events: ['contact.created'] })
  const closed = await api.createEndpoint({ url: 'http://127.0.0.1:9/hook', events: ['contact.created'] })
  endpoints = { open: open.id, closed: closed.id }
})

afterAll(async () => {
  await receiver.stop()
  await app.stop()
})

it('checks everything beside a running service, and sends nothing to its endpoints', async () => {
  const { code, output } = await runRexCommand(app.database.environment, 'doctor', '--json')
  expect(code).toBe(0)
  expect(statusesOf(output)).toMatchObject({
    ...{ settings: 'ok', database: 'ok', server: 'ok', clock: 'ok', rights: 'ok', extensions: 'ok', migrations: 'ok' },
    ...{ 'encryption keys': 'ok', 'event log': 'ok', deliveries: 'ok', 'webhook secrets': 'ok', redis: 'ok' },
    ...{ 'webhook states': 'ok', 'held submissions': 'ok', storage: 'ok' },
    [`webhook ${endpoints.open}`]: 'ok',
    [`webhook ${endpoints.closed}`]: 'warn',
  })
  expect(receiver.webhooks).toEqual([])
})

it('warns of endpoints that webhooks may not reach, and fails when their secrets cannot be decrypted', async () => {
  const environment = {
    ...app.database.environment,
    REX_DATA_DIR: makeDataFolder(),
    REX_PUBLIC_URL: 'https://rex.example',
  }
  const { code, output } = await runRexCommand(environment, 'doctor')
  expect(code).toBe(1)
  expect(output).toMatch(/^FAIL {2}webhook secrets: 2 of 2 cannot be decrypted$/m)
  expect(output).toMatch(/^warn {2}webhook wh_\w+: 127\.0\.0\.1:\d+: its address is not public/m)
  expect(output).toMatch(/^warn {2}addresses: .+\n {6}A proxy seems to be in front/m)
  expect(output).toMatch(/^1 of \d+ checks failed\.$/m)
})

it('says what to do about a database, a Redis and files that are wrong, and creates nothing', async () => {
  const folder = makeDataFolder()
  writeFileSync(join(folder, 'api-key'), 'secret')
  chmodSync(join(folder, 'api-key'), 0o644)
  const environment = {
    REX_DATA_DIR: folder,
    DATABASE_URL: 'postgresql://nobody@127.0.0.1:9/none',
    REDIS_URL: 'redis://127.0.0.1:9',
  }
  const { code, output } = await runRexCommand(environment, 'doctor', '--json')
  expect(code).toBe(1)
  expect(statusesOf(output)).toMatchObject({ database: 'fail', redis: 'fail', 'data folder': 'warn' })
  expect(output).toContain(`chmod go-rwx ${join(folder, 'api-key')}`)

  const none = await runRexCommand({ REX_DATA_DIR: join(folder, 'none') }, 'doctor', '--json')
  expect({ code: none.code, statuses: statusesOf(none.output) }).toMatchObject({
    code: 0,
    statuses: { database: 'ok' },
  })
  const wrong = await runRexCommand({ PORT: 'x' }, 'doctor')
  expect(wrong).toMatchObject({ code: 1, output: expect.stringMatching(/^FAIL {2}settings: .+\n +PORT: /) })
})

/** The JSON ends before the line with the number of failures. */
function statusesOf(output: string): Record<string, string> {
  const json = output.slice(0, output.lastIndexOf('\n}\n') + 2)
  const { checks } = JSON.parse(json) as { checks: readonly Check[] }
  return Object.fromEntries(checks.map(({ name, status }) => [name, status]))
}
