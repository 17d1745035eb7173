import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { captureOf } from '../support/captures.ts'
import { eventually } from '../support/eventually.ts'
import { emptyQueue, type TestQueue } from '../support/queue-parts.ts'
import { inTurn, type Receiver, type Respond, startReceiver } from '../support/receiver.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import {
  type DeliveryRow,
  deliveriesOf,
  deliverWith,
  endpointsOf,
  names,
  newEndpoint,
  viewerOf,
} from '../support/webhook-parts.ts'

describe('the dispatcher', () => {
  let parts: TestParts
  let queue: TestQueue
  let workspaceId: string
  let logLines: string[]
  const running: { stop(): Promise<void> }[] = []

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    queue = await emptyQueue(parts)
    workspaceId = queue.workspaceId
    logLines = []
  })
  afterEach(async () => {
    for (const each of running.splice(0)) await each.stop()
  })

  function start(scheduleSeconds: readonly number[] = [0, 0, 0]) {
    const delivery = deliverWith(parts, scheduleSeconds, (line) => logLines.push(line))
    running.push(delivery)
    return delivery
  }

  async function receiver(respond?: Respond): Promise<Receiver> {
    const started = await startReceiver(respond)
    onTestFinished(() => started.stop())
    return started
  }

  const endpointTo = ({ url }: Receiver, input: Parameters<typeof newEndpoint>[2] = {}) =>
    newEndpoint(parts, workspaceId, { url, events: ['contact.created', 'contact.updated'], ...input })
  const capture = (firstName = 'Jane', email = 'jane@example.com') =>
    parts.writer.add(captureOf(workspaceId, { email, fields: { firstName, metadata: {} } }))
  const captureMany = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => capture('Jane', `${index}@example.com`)))
  const deliveries = () => deliveriesOf(parts, workspaceId)

  async function settled(wanted: (rows: readonly DeliveryRow[]) => boolean): Promise<DeliveryRow[]> {
    let rows: DeliveryRow[] = []
    await eventually(
      async () => {
        rows = await deliveries()
        return wanted(rows)
      },
      () => JSON.stringify(rows.map(({ status, attempt_count }) => [status, attempt_count])),
    )
    return rows
  }
  const allAre = (status: string, count = 1) =>
    settled((rows) => rows.length === count && rows.every((row) => row.status === status))

  it('makes each retry when it is due, and not at the next poll, which comes each second', async () => {
    const to = await receiver((_request, response) => void response.writeHead(500).end())
    await endpointTo(to)
    start([0, ...Array<number>(9).fill(0.2)])
    const began = performance.now()
    await capture()
    await allAre('FAILED')
    await to.received(10)
    expect(performance.now() - began).toBeLessThan(9 * 900)
  })

  it('delivers a capture, signed so that both verifiers accept it', async () => {
    const to = await receiver()
    const { secret } = await endpointTo(to)
    start()
    const { contact } = await capture()
    const [webhook] = await to.received(1)
    const [delivery] = await allAre('SUCCEEDED')
    const { body, headers } = webhook!
    expect(JSON.parse(body)).toMatchObject({ event: 'contact.created', data: { id: contact.id, first_name: 'Jane' } })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Rex/test',
      'x-rex-event': 'contact.created',
      'x-rex-delivery': delivery!.id,
      'x-rex-attempt': '1',
      'webhook-id': JSON.parse(body).id,
    })
    const [, time, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['x-rex-signature']!)!
    expect(signature).toBe(createHmac('sha256', secret).update(`${time}.${body}`).digest('hex'))
    expect(time).toBe(headers['webhook-timestamp'])
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(30)
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ event: 'contact.created' })
    const bytes = await parts.sql('select 1 from event where id = $1 and body = $2', [delivery!.event_id, body])
    expect(bytes).toHaveLength(1)
  })

  it('delivers again after a 503: the same id and bytes, another attempt', async () => {
    const to = await receiver(inTurn([503], [200]))
    await endpointTo(to)
    start()
    await capture()
    await allAre('SUCCEEDED')
    const [first, second, ...others] = to.webhooks
    expect(others).toEqual([])
    expect(second!.body).toBe(first!.body)
    for (const header of ['webhook-id', 'x-rex-delivery']) expect(second!.headers[header]).toBe(first!.headers[header])
    expect([first, second].map((webhook) => webhook!.headers['x-rex-attempt'])).toEqual(['1', '2'])
    expect(await queue.attempts()).toMatchObject([
      { number: 1, response_status: 503, response_body: 'answer 1', error: 'HTTP_STATUS', trigger: 'AUTOMATIC' },
      { number: 2, response_status: 200, response_body: 'answer 2', error: null },
    ])
  })

  it('waits as long as Retry-After asks, and uses up no retry for it', async () => {
    const to = await receiver(inTurn([503, { 'retry-after': '1' }], [200]))
    const { secret } = await endpointTo(to)
    start([0])
    await capture()
    const [row] = await allAre('SUCCEEDED')
    expect(row).toMatchObject({ attempt_count: 2, retry_count: 0, throttle_count: 1 })
    const [first, second] = to.webhooks
    expect(second!.receivedAt - first!.receivedAt).toBeGreaterThanOrEqual(950)
    // Signed anew: the time is that of the attempt.
    expect(Number(second!.headers['webhook-timestamp'])).toBeGreaterThan(Number(first!.headers['webhook-timestamp']))
    expect(new Webhook(secret).verify(second!.body, second!.headers)).toMatchObject({ event: 'contact.created' })
  })

  it('fails a delivery once its schedule is used up, and goes on with the contact’s next', async () => {
    const to = await receiver(({ body }, response) => {
      response.writeHead(body.includes('Joan') ? 500 : 200).end()
    })
    await endpointTo(to)
    start([0, 0, 0])
    await capture('Joan')
    await capture('Jane')
    const rows = await settled((found) => found.length === 2 && found[1]!.status === 'SUCCEEDED')
    expect(rows.map(({ status, attempt_count }) => [status, attempt_count])).toEqual([
      ['FAILED', 3],
      ['SUCCEEDED', 1],
    ])
    expect(to.webhooks.map(({ headers }) => headers['x-rex-event'])).toEqual([
      ...Array(3).fill('contact.created'),
      'contact.updated',
    ])
  })

  it('disables an endpoint that is gone, holds what is open for it, and sends it once it is enabled', async () => {
    const to = await receiver(inTurn([410], [200]))
    const { id } = await endpointTo(to, { maxInFlight: 1 })
    start()
    await captureMany(3)
    await allAre('HELD', 3)
    const status = async () =>
      (await parts.sql<{ status: string }>('select status from webhook_endpoint where id = $1', [id]))[0]!.status
    expect(await status()).toBe('AUTO_DISABLED')
    expect(to.webhooks).toHaveLength(1)
    await capture('Jane', 'late@example.com')
    await allAre('HELD', 4)
    const endpoints = endpointsOf(parts, () => parts.signals.notify('deliveries'))
    await endpoints.update(viewerOf(workspaceId), id, { enabled: true }, names)
    const rows = await allAre('SUCCEEDED', 4)
    expect(await status()).toBe('ENABLED')
    expect(to.webhooks.slice(1).map(({ headers }) => headers['webhook-id'])).toEqual(rows.map((row) => row.event_id))
  })

  it('is not delayed by a receiver that does not answer, which gets no more than max_in_flight', async () => {
    const held: ServerResponse[] = []
    const slow = await receiver((_webhook, response) => void held.push(response))
    const quick = await receiver()
    await endpointTo(slow, { maxInFlight: 3 })
    const { id } = await endpointTo(quick)
    start()
    await captureMany(60)
    await settled((rows) => rows.filter((row) => row.endpoint_id === id && row.status === 'SUCCEEDED').length === 60)
    expect(slow.webhooks).toHaveLength(3)
    for (let answered = 0; answered < 60; answered++) {
      await eventually(
        () => held.length > 0,
        () => `${answered} answered, none waits`,
      )
      held.shift()!.end()
    }
    await allAre('SUCCEEDED', 120)
  })

  it('sends a contact’s events one after the other', async () => {
    let open = 0
    let most = 0
    const to = await receiver((_webhook, response) => {
      most = Math.max(most, ++open)
      setImmediate(() => {
        open--
        response.end()
      })
    })
    await endpointTo(to)
    start()
    const captures = Array.from({ length: 20 }, (_, index) => `name ${index}`)
    for (const name of captures) await capture(name)
    await allAre('SUCCEEDED', 20)
    expect(to.webhooks.map(({ body }) => JSON.parse(body).data.first_name)).toEqual(captures)
    expect(most).toBe(1)
  })

  it('lets attempts end when it is stopped, and begins none', async () => {
    let held: ServerResponse | undefined
    const to = await receiver((_webhook, response) => {
      held = response
    })
    await endpointTo(to, { maxInFlight: 1 })
    const { stop } = start()
    await captureMany(2)
    await to.received(1)
    let stopped = false
    const stopping = stop().then(() => {
      stopped = true
    })
    await parts.sql('select 1')
    expect(stopped).toBe(false)
    held!.end('late but there')
    await stopping
    expect((await deliveries()).map(({ status, lease_until }) => [status, lease_until])).toEqual([
      ['SUCCEEDED', null],
      ['PENDING', null],
    ])
    expect(await queue.attempts()).toMatchObject([{ response_body: 'late but there' }])
    expect(to.webhooks).toHaveLength(1)
  })

  it('settles nothing once its lease was another’s, and says so', async () => {
    const held: ServerResponse[] = []
    const to = await receiver((_webhook, response) => void held.push(response))
    await endpointTo(to)
    start()
    await capture()
    await to.received(1)
    await queue.endLeases()
    parts.signals.notify('deliveries')
    const [first, second] = await to.received(2)
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id'])
    held[1]!.end('second')
    await allAre('SUCCEEDED')
    held[0]!.writeHead(500).end('first')
    await eventually(
      () => logLines.some((line) => line.includes('"lease_lost":true')),
      () => logLines.join(''),
    )
    expect(await queue.attempts()).toMatchObject([{ number: 1, response_body: 'second' }])
    await allAre('SUCCEEDED')
  })

  it('writes one wide line per attempt: ids and numbers, nobody’s data', async () => {
    const to = await receiver(inTurn([500], [200]))
    const { id, secret } = await endpointTo(to)
    start()
    await capture()
    const [delivery] = await allAre('SUCCEEDED')
    await eventually(
      () => logLines.length === 2,
      () => logLines.join(''),
    )
    const common = {
      event: 'delivery.attempted',
      workspace_id: workspaceId,
      endpoint_id: id,
      delivery_id: delivery!.id,
      event_id: delivery!.event_id,
    }
    expect(logLines.map((line) => JSON.parse(line))).toMatchObject([
      { ...common, attempt: 1, outcome: 'refused', status: 500, error: 'HTTP_STATUS', retry_in_ms: 0 },
      { ...common, attempt: 2, outcome: 'accepted', status: 200, duration_ms: expect.any(Number) },
    ])
    for (const forbidden of ['jane', 'Jane', 'answer', '127.0.0.1', secret])
      expect(logLines.join('')).not.toContain(forbidden)
  })
})
