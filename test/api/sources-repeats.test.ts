import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { json, lead, sourceClient } from '../support/source-client.ts'
import { addSource, withSourceDoor } from '../support/source-door.ts'

let rex: TestHttp
const { rows, stored, post } = sourceClient(() => rex)

beforeAll(async () => {
  rex = await startTestHttp({ environment: { REX_TRUSTED_PROXIES: '127.0.0.0/8' }, replace: withSourceDoor })
})
afterAll(() => rex?.stop())

describe('a request that is sent again', () => {
  const typeform = (token: string, email: string) => JSON.stringify({ email, form_response: { token } })
  const keyed = (key: string) => ({ ...json, 'idempotency-key': key })

  it('gets the first answer: by the id of the tool, by a header, or by its bytes', async () => {
    const source = await addSource(rex.database)
    const first = await post(source, typeform('t1', 'r1@example.com'), json)
    const byId = await post(source, typeform('t1', 'other@example.com'), json)
    expect(byId.json).toEqual(first.json)
    const header = await post(source, lead('r2@example.com'), keyed('key-1'))
    expect((await post(source, lead('r2@example.com', { at: 'later' }), keyed('key-1'))).json).toEqual(header.json)
    const bytes = await post(source, '{"note":"no person"}', json)
    expect((await post(source, '{"note":"no person"}', json)).json).toEqual(bytes.json)
    expect(await stored(source)).toHaveLength(3)
    const other = await addSource(rex.database)
    expect((await post(other, typeform('t1', 'r1@example.com'), json)).json).not.toEqual(first.json)
  })

  it('gets the answer that it was held above the storage of its workspace', async () => {
    const full = await startTestHttp({ environment: { REX_WORKSPACE_MB: '1' }, replace: withSourceDoor })
    onTestFinished(() => full.stop())
    const client = sourceClient(() => full)
    const source = await addSource(full.database)
    await client.rows('insert into capture_storage (workspace_id, slot, bytes) values ($1, 0, 2000000)', [
      source.workspaceId,
    ])
    const first = await client.post(source, typeform('t4', 'r4@example.com'), json)
    expect(first.json).toMatchObject({ data: { status: 'held' } })
    expect((await client.post(source, typeform('t4', 'r4@example.com'), json)).json).toEqual(first.json)
    expect(await client.stored(source)).toHaveLength(1)
  })

  it('is one submission when it comes at the same time', async () => {
    const source = await addSource(rex.database)
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => post(source, typeform('t2', 'same@example.com'), json)),
    )
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(await stored(source)).toHaveLength(1)
  })

  it('is another one once its key has expired', async () => {
    const source = await addSource(rex.database)
    const first = await post(source, typeform('t3', 'r3@example.com'), json)
    const [key] = await rows(
      'select extract(epoch from expires_at - now())::int as status from source_repeat where source_id = $1',
      [source.id],
    )
    expect(Number(key!.status)).toBeGreaterThan(7 * 86_400 - 60)
    await rows("update source_repeat set expires_at = now() - interval '1 second' where source_id = $1", [source.id])
    expect((await post(source, typeform('t3', 'r3@example.com'), json)).json).not.toEqual(first.json)
  })
})
