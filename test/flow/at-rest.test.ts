import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseEncryptionKeys } from '../../src/config/encryption-keys.ts'
import { createSecretBox } from '../../src/platform/crypto/secret-box.ts'
import { createApiClient } from '../support/api-client.ts'
import { dumpDatabase } from '../support/database-dump.ts'
import { send, sendJson } from '../support/http-client.ts'
import type { Place } from '../support/secret-forms.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { openOwn, runSql } from '../support/test-parts.ts'

const addresses = ['203.0.113.77', '2001:db8:77::7']
const lead = { email: 'jane@example.com', first_name: 'Jane', phone: '555 0123' }

describe('data at rest', () => {
  let app: TestApp
  let columns: Place[]
  let endpoint: { id: string; secret: string }
  let sealed: { workspace_id: string; secret: string } | undefined

  beforeAll(async () => {
    app = await startTestApp({
      REX_TRUSTED_PROXIES: '127.0.0.0/8',
      REX_CAPTURE_RATE: '2/60',
      REX_WEBHOOK_ALLOW: '127.0.0.1',
      LOG_LEVEL: 'trace',
    })
    endpoint = await createApiClient(app).createEndpoint({ url: 'http://127.0.0.1:9/', events: ['*'] })
    for (const address of addresses) await askAs(address)
    await app.halt()
    const database = await openOwn(app.database)
    columns = await dumpDatabase(database)
    const [row] = await runSql<{ workspace_id: string; secret: string }>(
      database,
      'select workspace_id, secret from webhook_endpoint where id = $1',
      [endpoint.id],
    )
    sealed = row
    await database.close()
  })
  afterAll(() => app?.stop())

  /** Captures up to the limit and beyond it, asks with a wrong key and with the right one. */
  const askAs = async (address: string) => {
    const from = { 'x-forwarded-for': address }
    const statuses: number[] = []
    for (let nth = 0; nth < 3; nth++) statuses.push((await sendJson(app.url, '/capture', lead, from)).status)
    for (const key of ['wrong-key-0123456789-0123456789', app.key])
      statuses.push((await send(app.url, { path: '/webhooks', headers: { ...from, 'x-api-key': key } })).status)
    expect(statuses).toEqual([201, 201, 429, 401, 200])
  }

  const isIn = (text: string) => columns.filter((column) => column.text.includes(text)).map(({ name }) => name)

  it('holds no address of a client in any column of any table, nor in the log', () => {
    const log = app.logLines.join('')
    expect(log).toContain('http.')
    for (const part of ['203.0.113', '2001:db8:77', '20010db80077'])
      expect([isIn(part), log.includes(part)]).toEqual([[], false])
  })

  it('holds what was captured in clear', () => {
    expect(isIn('jane@example.com')).toEqual(
      expect.arrayContaining(['public.contact.email', 'public.submission.fields']),
    )
    expect(isIn('555 0123')).toContain('public.contact.metadata')
  })

  it('opens with the encryption key that was generated into the data folder', () => {
    const kept = readFileSync(join(app.database.environment.REX_DATA_DIR, 'encryption-keys'), 'utf8').trim()
    const box = createSecretBox(parseEncryptionKeys(kept))
    const owner = { workspaceId: sealed!.workspace_id, id: endpoint.id }
    expect(box.open(sealed!.secret, owner)).toBe(endpoint.secret)
  })
})
