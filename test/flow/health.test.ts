import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import type { ReceivedWebhook } from '../support/receiver.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { openWayOut, type WayOut } from '../support/way-out.ts'

const healthEvents = ['webhook.failing', 'webhook.recovered', 'webhook.disabled']

describe('the health of an endpoint', () => {
  let parts: TestParts
  let way: WayOut
  /** What the receiver of the endpoint answers. */
  let answer: number

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    way = await openWayOut(parts)
    answer = 500
  })

  const answering = () => way.receiver((_webhook, response) => response.writeHead(answer).end())
  const watcher = async () => {
    const to = await way.receiver()
    await way.endpointTo(to, { events: healthEvents })
    return to
  }
  const logged = () =>
    parts.sql<{ type: string; body: string }>(
      `select type, body from event where workspace_id = $1 and type like 'webhook.%' order by position`,
      [way.workspaceId],
    )
  const loggedTypes = async () => (await logged()).map(({ type }) => type)
  const disabled = (id: string) =>
    eventually(
      async () => (await way.endpoint(id)).status !== 'ENABLED',
      () => 'the endpoint is enabled',
    )
  const failForDays = (id: string, days: number) =>
    parts.sql(
      `update webhook_endpoint set failure_count = 1, failing_since = now() - $2::int * interval '1 day' where id = $1`,
      [id, days],
    )

  describe('that fails', () => {
    it('is told once, to others, after the fourth failure of a delivery', async () => {
      const [to, others] = [await answering(), await watcher()]
      const { id } = await way.endpointTo(to, { events: ['*'] })
      way.start({ scheduleSeconds: Array(5).fill(0) })
      await way.capture('one@example.com')
      await way.capture('two@example.com')
      await way.allAre('FAILED', 2, id)
      const [told] = await others.received(1)
      expect(JSON.parse(told!.body)).toMatchObject({ event: 'webhook.failing', data: { id } })
      expect(await loggedTypes()).toEqual(['webhook.failing'])
      expect(to.webhooks.map(eventOf)).toEqual(Array(10).fill('contact.created'))
      await way.allAre('SUCCEEDED', 1, await otherEndpoint(id))
    })

    it('is told by the fourth failure and not before', async () => {
      const to = await way.receiver((_webhook, response) => {
        response.writeHead(to.webhooks.length <= 3 ? 500 : 200).end()
      })
      await way.endpointTo(to)
      way.start({ scheduleSeconds: Array(5).fill(0) })
      await way.capture()
      await way.allAre('SUCCEEDED', 1)
      expect(await loggedTypes()).toEqual([])
    })

    it('is told again when it recovers, and when it fails anew', async () => {
      const [to, others] = [await answering(), await watcher()]
      const { id } = await way.endpointTo(to)
      way.start({ scheduleSeconds: Array(4).fill(0) })
      await way.capture('one@example.com')
      await way.allAre('FAILED', 1, id)
      answer = 200
      await way.capture('two@example.com')
      await way.settled((rows) => rows.at(-1)?.status === 'SUCCEEDED', id)
      expect(await way.endpoint(id)).toMatchObject({ failure_count: 0 })
      answer = 500
      await way.capture('three@example.com')
      await way.settled((rows) => rows.at(-1)?.status === 'FAILED', id)
      await others.received(3)
      expect(others.webhooks.map(eventOf)).toEqual(['webhook.failing', 'webhook.recovered', 'webhook.failing'])
      for (const { body } of others.webhooks) expect(JSON.parse(body).data).toEqual({ id })
    })

    it('is no news when it recovers before the fourth failure', async () => {
      const to = await answering()
      await way.endpointTo(to)
      way.start({ scheduleSeconds: [0, 0] })
      await way.capture('one@example.com')
      await way.allAre('FAILED', 1)
      answer = 200
      await way.capture('two@example.com')
      await way.settled((rows) => rows.at(-1)?.status === 'SUCCEEDED')
      expect(await loggedTypes()).toEqual([])
    })
  })

  describe('that has done nothing but fail for too long', () => {
    it('is disabled: its deliveries are held, and others are told why', async () => {
      const [to, others] = [await answering(), await watcher()]
      const { id } = await way.endpointTo(to, { maxInFlight: 1 })
      await failForDays(id, 6)
      await way.captureMany(3)
      way.start({ scheduleSeconds: [0, 0, 0], disableAfterSeconds: 5 * 86_400 })
      await way.allAre('HELD', 3, id)
      expect(await way.endpoint(id)).toMatchObject({ status: 'AUTO_DISABLED', disabled_reason: 'failed for too long' })
      const [told] = await others.received(1)
      expect(JSON.parse(told!.body)).toMatchObject({
        event: 'webhook.disabled',
        data: { id, reason: 'failed for too long' },
      })
      expect(to.webhooks).toHaveLength(1)
      await way.capture('late@example.com')
      await way.allAre('HELD', 4, id)
      expect(await way.attempts()).toMatchObject([{ response_status: 500 }, { response_status: 200 }])
    })

    it('is left alone for as long as it may fail', async () => {
      const to = await answering()
      const { id } = await way.endpointTo(to)
      await failForDays(id, 4)
      way.start({ scheduleSeconds: [0, 0], disableAfterSeconds: 5 * 86_400 })
      await way.capture()
      await way.allAre('FAILED', 1)
      expect(await way.endpoint(id)).toMatchObject({ status: 'ENABLED' })
    })

    it('starts anew after a success', async () => {
      const to = await answering()
      const { id } = await way.endpointTo(to)
      await failForDays(id, 6)
      answer = 200
      way.start({ scheduleSeconds: [0, 0], disableAfterSeconds: 5 * 86_400 })
      await way.capture('one@example.com')
      await way.allAre('SUCCEEDED', 1)
      answer = 500
      await way.capture('two@example.com')
      await way.settled((rows) => rows.at(-1)?.status === 'FAILED')
      expect(await way.endpoint(id)).toMatchObject({ status: 'ENABLED' })
    })

    it('starts anew once it is enabled again', async () => {
      const to = await answering()
      const { id } = await way.endpointTo(to)
      await failForDays(id, 6)
      const { stop } = way.start({ scheduleSeconds: [0, 0], disableAfterSeconds: 5 * 86_400 })
      await way.capture()
      await disabled(id)
      await way.setEnabled(id, true)
      await way.allAre('FAILED', 1)
      await stop()
      expect(await way.endpoint(id)).toMatchObject({ status: 'ENABLED', disabled_reason: null })
    })
  })

  describe('that is disabled', () => {
    it('by its 410 is told to others', async () => {
      const [to, others] = [await answering(), await watcher()]
      answer = 410
      const { id } = await way.endpointTo(to, { maxInFlight: 10 })
      await way.captureMany(5)
      way.start()
      await way.allAre('HELD', 5, id)
      const [told] = await others.received(1)
      expect(JSON.parse(told!.body).data).toEqual({ id, reason: 'no longer accepts webhooks' })
      expect(await way.endpoint(id)).toMatchObject({
        status: 'AUTO_DISABLED',
        disabled_reason: 'no longer accepts webhooks',
      })
      expect(await loggedTypes()).toEqual(['webhook.disabled'])
    })

    it('by hand is told to others, and gets nothing', async () => {
      const [to, others] = [await answering(), await watcher()]
      const { id } = await way.endpointTo(to, { events: ['*'] })
      way.start()
      await way.setEnabled(id, false)
      await way.capture()
      await way.allAre('HELD', 1, id)
      const [told] = await others.received(1)
      expect(JSON.parse(told!.body).data).toEqual({ id, reason: 'disabled by hand' })
      expect(to.webhooks).toEqual([])
    })

    it('sends what it held once it is enabled, the oldest first, whatever had been tried', async () => {
      answer = 200
      const to = await answering()
      const { id } = await way.endpointTo(to, { maxInFlight: 1 })
      const before = await way.captureMany(5)
      const { stop } = way.start({ scheduleSeconds: [0, 3600] })
      await way.allAre('SUCCEEDED', 5)
      await parts.sql(
        `update delivery set status = 'RETRYING', next_attempt_at = now() + interval '1 hour' where event_id = any ($1::text[])`,
        [[before[1]!, before[3]!]],
      )
      await way.setEnabled(id, false)
      const after = await way.captureMany(5)
      await way.settled((rows) => rows.filter(({ status }) => status === 'HELD').length === 7)
      const sent = to.webhooks.length
      await way.setEnabled(id, true)
      await way.allAre('SUCCEEDED', 10)
      await stop()
      expect(to.webhooks.slice(sent).map(({ headers }) => headers['webhook-id'])).toEqual([
        before[1],
        before[3],
        ...after,
      ])
    })
  })

  async function otherEndpoint(id: string): Promise<string> {
    const [row] = await parts.sql<{ id: string }>(
      'select id from webhook_endpoint where workspace_id = $1 and id <> $2',
      [way.workspaceId, id],
    )
    return row!.id
  }
})

function eventOf({ headers }: ReceivedWebhook): string | undefined {
  return headers['x-rex-event']
}
