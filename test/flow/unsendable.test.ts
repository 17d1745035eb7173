import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { openWayOut, type WayOut } from '../support/way-out.ts'
import { fanOutAll } from '../support/webhook-parts.ts'

describe('11.3: a delivery that cannot be sent', () => {
  let parts: TestParts
  let way: WayOut

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    way = await openWayOut(parts)
  })

  const attempts = async () => (await way.attempts()).map(({ number, error }) => ({ number, error }))
  const failures = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ number: index + 1, error: 'PROTOCOL' }))

  it('for its secret fails by the schedule with an attempt each, and others are delivered', async () => {
    const [bad, good] = [await way.receiver(), await way.receiver()]
    const { id: broken } = await way.endpointTo(bad)
    await parts.sql(`update webhook_endpoint set secret = 'gone:AAAA' where id = $1`, [broken])
    way.start({ scheduleSeconds: [0, 0, 0] })
    await way.capture()
    await way.allAre('FAILED', 1)
    expect(await attempts()).toEqual(failures(3))
    expect((await way.endpoint(broken)).failure_count).toBe(3)
    const { id: sound } = await way.endpointTo(good)
    await way.capture('other@example.com')
    await way.allAre('SUCCEEDED', 1, sound)
    expect(bad.webhooks).toEqual([])
  })

  it('for a secret of another endpoint, or one that was changed, fails too', async () => {
    const to = await way.receiver()
    const [one, other, changed] = [await way.endpointTo(to), await way.endpointTo(to), await way.endpointTo(to)]
    await parts.sql(
      'update webhook_endpoint set secret = (select secret from webhook_endpoint where id = $2) where id = $1',
      [one.id, other.id],
    )
    await parts.sql(`update webhook_endpoint set secret = left(secret, -4) || 'AAA=' where id = $1`, [changed.id])
    way.start({ scheduleSeconds: [0] })
    await way.capture()
    await way.allAre('FAILED', 1, one.id)
    await way.allAre('FAILED', 1, changed.id)
    await way.allAre('SUCCEEDED', 1, other.id)
  })

  it('for its secret is held once the endpoint has failed for too long, and sent when it can be opened again', async () => {
    const to = await way.receiver()
    const { id } = await way.endpointTo(to)
    await parts.sql(`update webhook_endpoint set previous_secret = secret, secret = 'gone:AAAA' where id = $1`, [id])
    way.start({ scheduleSeconds: [0, 0, 3600], disableAfterSeconds: 0 })
    await way.capture()
    await way.allAre('HELD', 1)
    await parts.sql('update webhook_endpoint set secret = previous_secret, previous_secret = null where id = $1', [id])
    await way.setEnabled(id, true)
    await way.allAre('SUCCEEDED', 1)
  })

  it('with the previous secret of a rotation is signed with the current one', async () => {
    const to = await way.receiver()
    const { id } = await way.endpointTo(to)
    await way.rotate(id)
    await parts.sql(`update webhook_endpoint set previous_secret = 'gone:AAAA' where id = $1`, [id])
    way.start()
    await way.capture()
    await way.allAre('SUCCEEDED', 1)
    expect(to.webhooks[0]!.headers['x-rex-signature']).not.toContain('v1n=')
  })

  it.each([
    ['its URL is none', `update webhook_endpoint set url = 'no url'`],
    ['its event is gone', 'delete from event'],
    ['its type is no header', `update event set type = E'a\\nb'`],
    ['its body is no JSON for an event about an endpoint', `update event set type = E'webhook.\\n', body = '{'`],
  ])('fails where %s', async (_, spoil) => {
    const to = await way.receiver()
    await way.endpointTo(to)
    await way.capture()
    await fanOutAll(parts)
    await parts.sql(spoil)
    way.start({ scheduleSeconds: [0, 0] })
    await way.allAre('FAILED', 1)
    expect(await attempts()).toEqual(failures(2))
    expect(to.webhooks).toEqual([])
  })

  it('does not stop the fan-out, whatever its body is', async () => {
    const to = await way.receiver()
    await way.endpointTo(to, { events: ['*'] })
    await way.capture()
    await parts.sql(`update event set type = 'webhook.failing', body = '{' where workspace_id = $1`, [way.workspaceId])
    await way.capture('other@example.com')
    await fanOutAll(parts)
    expect(await way.deliveries()).toHaveLength(2)
  })
})
