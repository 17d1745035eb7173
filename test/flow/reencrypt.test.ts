import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { reencryptSecrets } from '../../src/app/reencrypt-all.ts'
import { createSecretBox } from '../../src/platform/crypto/secret-box.ts'
import { newId } from '../../src/platform/ids.ts'
import { secretOwner, tokenOwner } from '../../src/sources/sealed-sources.ts'
import { createSourceStore } from '../../src/sources/source-store.ts'
import { createApiClient } from '../support/api-client.ts'
import { startReceiver } from '../support/receiver.ts'
import { runRexCommand, startRexProcess } from '../support/rex-process.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { openWayOut, type WayOut } from '../support/way-out.ts'
import { secretBox, viewerOf } from '../support/webhook-parts.ts'

const [k1, k2] = [7, 8].map((byte, index) => ({ id: `k${index + 1}`, key: Buffer.alloc(32, byte) }))
const ring = [k2!, k1!]
const adminKey = 'reencrypt-test-key-0123456789-0123456789'

describe('encrypting the secrets again', () => {
  let parts: TestParts
  let way: WayOut

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    await parts.sql('delete from webhook_endpoint')
    way = await openWayOut(parts)
  })

  const stored = async (endpointId: string) => {
    const [row] = await parts.sql<{ secret: string; previous_secret: string | null }>(
      'select secret, previous_secret from webhook_endpoint where id = $1',
      [endpointId],
    )
    return row!
  }

  it('lets the old key go: the secrets are the same, and the new key alone opens them', async () => {
    const { id, secret: previous } = await way.endpointTo({ url: 'http://127.0.0.1:9/' })
    const secret = await way.rotate(id)
    const owner = { workspaceId: way.workspaceId, id }
    const alone = createSecretBox([k2!])
    expect(() => alone.open('k1:x', owner)).toThrow('k1')
    expect(await reencryptSecrets(parts.database, createSecretBox(ring))).toEqual({ endpoints: 1, sources: 0 })
    const row = await stored(id)
    expect([row.secret, row.previous_secret].map((sealed) => alone.open(sealed!, owner))).toEqual([secret, previous])
    expect(() => secretBox.open(row.secret, owner)).toThrow()
  })

  it('does the same for tokens and secrets of sources', async () => {
    const sources = createSourceStore({ database: parts.database, secretBox, onChanged: () => {} })
    const viewer = viewerOf(way.workspaceId)
    const names = { overlapHours: 'overlap_hours' }
    const id = await sources.create(viewer, { name: 'Form', secret: 'first' }, names)
    await sources.update(viewer, id, { secret: 'second' }, names)
    await sources.create(viewer, { name: 'Unverified' }, names)
    const rows = () =>
      parts.sql<{ token: string; secret: string | null; previous_secret: string | null }>(
        'select token, secret, previous_secret from source where workspace_id = $1 order by id',
        [way.workspaceId],
      )
    const [before] = await rows()
    expect(await reencryptSecrets(parts.database, createSecretBox(ring))).toEqual({ endpoints: 0, sources: 2 })
    const [after, unverified] = await rows()
    const alone = createSecretBox([k2!])
    const key = { workspaceId: way.workspaceId, id }
    expect(alone.open(after!.token, tokenOwner(key))).toBe(secretBox.open(before!.token, tokenOwner(key)))
    expect(alone.open(after!.secret!, secretOwner(key))).toBe('second')
    expect(alone.open(after!.previous_secret!, secretOwner(key))).toBe('first')
    expect(unverified).toMatchObject({ token: expect.stringMatching(/^k2:/), secret: null, previous_secret: null })
    await parts.sql('delete from source')
  })

  it('leaves an endpoint without a previous secret without one', async () => {
    const { id } = await way.endpointTo({ url: 'http://127.0.0.1:9/' })
    await reencryptSecrets(parts.database, createSecretBox(ring))
    expect((await stored(id)).previous_secret).toBeNull()
  })

  it('gets through several batches and workspaces, each endpoint once, and may run again', async () => {
    const workspaces = Array.from({ length: 3 }, () => newId('workspace'))
    for (const workspaceId of workspaces)
      for (let count = 0; count < 70; count++) {
        const id = newId('endpoint')
        await parts.sql(
          `insert into webhook_endpoint (workspace_id, id, url, secret, secret_hint) values ($1, $2, 'x', $3, 'x')`,
          [workspaceId, id, secretBox.seal(id, { workspaceId, id })],
        )
      }
    for (const box of [createSecretBox(ring), createSecretBox([k2!])])
      expect(await reencryptSecrets(parts.database, box)).toEqual({ endpoints: 210, sources: 0 })
    const rows = await parts.sql<{ workspace_id: string; id: string; secret: string }>('select * from webhook_endpoint')
    const alone = createSecretBox([k2!])
    for (const { workspace_id: workspaceId, id, secret } of rows)
      expect(alone.open(secret, { workspaceId, id })).toBe(id)
  })

  it('11.3: leaves a secret that it cannot open, names its endpoint, and does all the others', async () => {
    const [one, two] = [
      await way.endpointTo({ url: 'http://127.0.0.1:9/' }),
      await way.endpointTo({ url: 'http://127.0.0.1:9/' }),
    ]
    const before = await stored(one.id)
    await parts.sql('update webhook_endpoint set secret = $2 where id = $1', [two.id, before.secret])
    await expect(reencryptSecrets(parts.database, createSecretBox(ring))).rejects.toThrow(two.id)
    expect(await stored(two.id)).toEqual(before)
    const owner = { workspaceId: way.workspaceId, id: one.id }
    expect(createSecretBox([k2!]).open((await stored(one.id)).secret, owner)).toBe(one.secret)
  })

  it('is a command, after which a service with the new key alone delivers, signed as ever', async () => {
    const own = await createTestDatabase()
    const receiver = await startReceiver()
    const [oldKeys, bothKeys, newKeys] = [[k1], [k2, k1], [k2]].map((keys) => ({
      ...own.environment,
      REX_API_KEY: adminKey,
      REX_ENCRYPTION_KEYS: keys.map((each) => `${each!.id}:${each!.key.toString('base64')}`).join(','),
    }))
    const first = await startRexProcess(oldKeys!)
    const { secret } = await createApiClient({ url: first.url, key: adminKey }).createEndpoint({ url: receiver.url })
    await first.signal('SIGTERM')
    expect(await runRexCommand(bothKeys!, 'reencrypt')).toMatchObject({ code: 0 })
    const second = await startRexProcess(newKeys!)
    await createApiClient({ url: second.url, key: adminKey }).capture({ email: 'jane@example.com' })
    const [webhook] = await receiver.received(1)
    await second.signal('SIGTERM')
    await receiver.stop()
    await own.drop()
    const { headers, body } = webhook!
    const signature = createHmac('sha256', secret).update(`${headers['webhook-timestamp']}.${body}`).digest('hex')
    expect(headers['x-rex-signature']).toBe(`t=${headers['webhook-timestamp']},v1=${signature}`)
  })
})
