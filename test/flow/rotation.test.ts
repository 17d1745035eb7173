import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import type { ReceivedWebhook, Respond } from '../support/receiver.ts'
import { codeOf, openParts, type TestParts } from '../support/test-parts.ts'
import { openWayOut, type WayOut } from '../support/way-out.ts'
import type { DeliveryRow } from '../support/webhook-parts.ts'

describe('a rotation of the secret', () => {
  let parts: TestParts
  let way: WayOut

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    way = await openWayOut(parts)
  })

  const endOverlap = () =>
    parts.sql(
      `update webhook_endpoint set previous_secret_expires_at = now() - interval '1 second' where workspace_id = $1`,
      [way.workspaceId],
    )
  const delivered = async (count: number) => {
    const rows = await way.settled((found) => found.length === count && found.every(isClosed))
    return rows.map(({ status, attempt_count, retry_count }) => ({ status, attempt_count, retry_count }))
  }
  const noticed = (id: string) =>
    eventually(
      async () => (await way.endpoint(id)).accepts_previous,
      () => 'the new secret leads',
    )
  const atOnce = { status: 'SUCCEEDED', attempt_count: 1, retry_count: 0 }
  const exchanged = { ...atOnce, attempt_count: 2 }

  it('signs by the old secret alone before it, and by the new one first after it', async () => {
    const to = await way.receiver()
    const { id, secret: old } = await way.endpointTo(to)
    way.start()
    await way.capture('one@example.com')
    await delivered(1)
    const fresh = await way.rotate(id)
    await way.capture('two@example.com')
    await delivered(2)
    expect(to.webhooks.map((webhook) => signers(webhook, { old, fresh }))).toEqual([['old'], ['fresh', 'old']])
    expect(fresh).not.toBe(old)
  })

  it('sends v1 and v1n, and both signatures of Standard Webhooks, which its verifier accepts by either secret', async () => {
    const to = await way.receiver()
    const { id, secret: old } = await way.endpointTo(to)
    const fresh = await way.rotate(id)
    way.start()
    await way.capture()
    const [webhook] = await to.received(1)
    const { headers, body } = webhook!
    expect(headers['x-rex-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64},v1n=[0-9a-f]{64}$/)
    expect(headers['webhook-signature']!.split(' ')).toHaveLength(2)
    for (const secret of [old, fresh]) expect(new Webhook(secret).verify(body, headers)).toBeTruthy()
    expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).verify(body, headers)).toThrow()
  })

  it.each([400, 401, 403])('tries a %i again at once with the two exchanged, an attempt of its own', async (status) => {
    const known = { secret: '' }
    const to = await way.receiver(knowing(known, status))
    const { id, secret: old } = await way.endpointTo(to)
    known.secret = old
    const fresh = await way.rotate(id)
    way.start({ scheduleSeconds: [0] })
    await way.capture()
    expect(await delivered(1)).toEqual([exchanged])
    expect(to.webhooks.map((webhook) => signers(webhook, { old, fresh }))).toEqual([
      ['fresh', 'old'],
      ['old', 'fresh'],
    ])
    expect(to.webhooks.map(({ headers }) => headers['x-rex-attempt'])).toEqual(['1', '2'])
    expect(await way.attempts()).toMatchObject([
      { number: 1, response_status: status, error: 'HTTP_STATUS' },
      { number: 2, response_status: 200, error: null },
    ])
    expect(await way.endpoint(id)).toMatchObject({ failure_count: 0, accepts_previous: true })
  })

  it('leads with the secret that was accepted last from then on', async () => {
    const known = { secret: '' }
    const to = await way.receiver(knowing(known))
    const { id, secret: old } = await way.endpointTo(to)
    known.secret = old
    const fresh = await way.rotate(id)
    way.start({ scheduleSeconds: [0] })
    for (const [index, secret] of [old, old, fresh, fresh, old].entries()) {
      known.secret = secret
      await way.capture(`${index}@example.com`)
      await way.allAre('SUCCEEDED', index + 1)
    }
    expect(await delivered(5)).toEqual([exchanged, atOnce, exchanged, atOnce, exchanged])
  })

  it('exchanges no more than once in a row: the next attempt follows the schedule', async () => {
    const to = await way.receiver((_webhook, response) => response.writeHead(401).end())
    const { id, secret: old } = await way.endpointTo(to)
    const fresh = await way.rotate(id)
    way.start({ scheduleSeconds: [0, 0] })
    await way.capture()
    const [row] = await way.allAre('FAILED', 1)
    expect(row).toMatchObject({ attempt_count: 4, retry_count: 1 })
    expect(to.webhooks.map((webhook) => signers(webhook, { old, fresh })[0])).toEqual(['fresh', 'old', 'fresh', 'old'])
  })

  it('exchanges nothing for a receiver that merely fails', async () => {
    const to = await way.receiver((_webhook, response) => response.writeHead(500).end())
    const { id } = await way.endpointTo(to)
    await way.rotate(id)
    way.start({ scheduleSeconds: [0, 0] })
    await way.capture()
    expect(await way.allAre('FAILED', 1)).toMatchObject([{ attempt_count: 2, retry_count: 1 }])
  })

  it('exchanges nothing where there was no rotation', async () => {
    const to = await way.receiver((_webhook, response) => response.writeHead(401).end())
    await way.endpointTo(to)
    way.start({ scheduleSeconds: [0, 0] })
    await way.capture()
    expect(await way.allAre('FAILED', 1)).toMatchObject([{ attempt_count: 2, retry_count: 1 }])
  })

  it('tries again at once even before a backlog', async () => {
    const known = { secret: '' }
    const to = await way.receiver(knowing(known))
    const { id, secret: old } = await way.endpointTo(to, { maxInFlight: 1 })
    known.secret = old
    await way.rotate(id)
    await way.captureMany(20)
    way.start({ scheduleSeconds: [0] })
    expect(await delivered(20)).toEqual([exchanged, ...Array(19).fill(atOnce)])
    expect(to.webhooks).toHaveLength(21)
  })

  it('exchanges back nothing that was refused before the switch was noticed', async () => {
    const known = { secret: '' }
    const waiting: (() => void)[] = []
    // Two refusals are under way at the same time; the second comes after the first has been exchanged and accepted.
    const to = await way.receiver((webhook, response) => {
      const answer = () => knowing(known)(webhook, response)
      if (to.webhooks.length === 2) waiting.push(answer)
      else answer()
    })
    const { id, secret: old } = await way.endpointTo(to, { maxInFlight: 2 })
    known.secret = old
    await way.rotate(id)
    await way.captureMany(2)
    way.start({ scheduleSeconds: [0] })
    await noticed(id)
    waiting[0]!()
    expect(await delivered(2)).toEqual([exchanged, exchanged])
  })

  it.each([1, 10])(
    'loses nothing when a receiver that checks only v1 switches amid traffic, %i in flight',
    async (maxInFlight) => {
      const known = { secret: '' }
      const to = await way.receiver(knowing(known))
      const { id, secret: old } = await way.endpointTo(to, { maxInFlight })
      known.secret = old
      // A few retries: what is refused right before and right after the switch, once by each secret, waits for one.
      way.start({ scheduleSeconds: [0, 0, 0, 0, 0] })
      const fresh = { secret: '' }
      for (let round = 0; round < 10; round++) {
        const writing = way.captureMany(round + 1)
        if (round === 2) fresh.secret = await way.rotate(id)
        if (round === 6) known.secret = fresh.secret
        await writing
      }
      await way.allAre('SUCCEEDED', 55)
    },
  )

  it('drops the oldest secret when it happens again within the overlap', async () => {
    const to = await way.receiver()
    const { id, secret: oldest } = await way.endpointTo(to)
    const old = await way.rotate(id)
    const fresh = await way.rotate(id)
    way.start()
    await way.capture()
    const [webhook] = await to.received(1)
    expect(signers(webhook!, { oldest, old, fresh })).toEqual(['fresh', 'old'])
    expect(() => new Webhook(oldest).verify(webhook!.body, webhook!.headers)).toThrow()
  })

  it('leads with the new secret again after the next one, whatever was accepted before', async () => {
    const known = { secret: '' }
    const to = await way.receiver(knowing(known))
    const { id, secret: first } = await way.endpointTo(to)
    known.secret = first
    const second = await way.rotate(id)
    way.start({ scheduleSeconds: [0] })
    await way.capture('one@example.com')
    await way.allAre('SUCCEEDED', 1)
    const third = await way.rotate(id)
    known.secret = third
    await way.capture('two@example.com')
    expect(await delivered(2)).toEqual([exchanged, atOnce])
    expect(signers(to.webhooks.at(-1)!, { first, second, third })).toEqual(['third', 'second'])
  })

  it('with an overlap of 0 lets the old secret go at once', async () => {
    const to = await way.receiver()
    const { id, secret: old } = await way.endpointTo(to)
    const fresh = await way.rotate(id, 0)
    way.start()
    await way.capture()
    const [webhook] = await to.received(1)
    expect(signers(webhook!, { old, fresh })).toEqual(['fresh'])
    expect(await way.endpoint(id)).toMatchObject({ previous_secret: null })
  })

  it('with an overlap of 0 within another drops the secret that still held', async () => {
    const to = await way.receiver()
    const { id, secret: old } = await way.endpointTo(to)
    await way.rotate(id)
    const fresh = await way.rotate(id, 0)
    way.start()
    await way.capture()
    const [webhook] = await to.received(1)
    expect(signers(webhook!, { old, fresh })).toEqual(['fresh'])
  })

  it('signs by the new secret alone once the overlap has ended, even where the old one was accepted last', async () => {
    const known = { secret: '' }
    const to = await way.receiver(knowing(known))
    const { id, secret: old } = await way.endpointTo(to)
    known.secret = old
    const fresh = await way.rotate(id)
    way.start({ scheduleSeconds: [0] })
    await way.capture('one@example.com')
    await way.allAre('SUCCEEDED', 1)
    await endOverlap()
    await way.capture('two@example.com')
    await way.settled((rows) => rows.at(-1)?.status === 'FAILED')
    expect(signers(to.webhooks.at(-1)!, { old, fresh })).toEqual(['fresh'])
    expect(to.webhooks).toHaveLength(3)
  })

  it.each([1, 24, 168])('with an overlap of %i hours lets both hold for that long', async (hours) => {
    const { id } = await way.endpointTo({ url: 'http://127.0.0.1:9/' })
    await way.rotate(id, hours)
    const [row] = await parts.sql<{ hours: number }>(
      `select extract(epoch from previous_secret_expires_at - now())::float8 / 3600 as hours
       from webhook_endpoint where id = $1`,
      [id],
    )
    expect(row!.hours).toBeCloseTo(hours, 1)
  })

  it.each([-1, 169, 1.5, Number.NaN])('with an overlap of %d is refused, and changes nothing', async (hours) => {
    const { id } = await way.endpointTo({ url: 'http://127.0.0.1:9/' })
    const before = await way.endpoint(id)
    expect(await codeOf(way.rotate(id, hours))).toBe('invalid_request')
    expect(await way.endpoint(id)).toEqual(before)
  })
})

function isClosed({ status }: DeliveryRow): boolean {
  return ['SUCCEEDED', 'FAILED'].includes(status)
}

/** Answers 200 to whoever signed `v1` by the one secret that it knows, like the published verifiers. */
function knowing(known: { readonly secret: string }, otherwise = 401): Respond {
  return ({ headers, body }, response) => {
    const [, time, v1] = /^t=(\d+),v1=([0-9a-f]{64})/.exec(headers['x-rex-signature']!)!
    const isKnown = v1 === createHmac('sha256', known.secret).update(`${time}.${body}`).digest('hex')
    response.writeHead(isKnown ? 200 : otherwise).end()
  }
}

/** Whose signatures the header carries, in its order; the same in both families. */
function signers(
  { headers, body }: ReceivedWebhook,
  secrets: Readonly<Record<string, string>>,
): (string | undefined)[] {
  const [t, ...signatures] = headers['x-rex-signature']!.split(',')
  const nameOf = (sign: (secret: string) => string, value: string) =>
    Object.keys(secrets).find((name) => sign(secrets[name]!) === value)
  const hex = (secret: string) =>
    createHmac('sha256', secret)
      .update(`${t!.slice(2)}.${body}`)
      .digest('hex')
  const base64 = (secret: string) =>
    createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
      .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
      .digest('base64')
  const own = signatures.map((signature) => nameOf(hex, signature.replace(/^v1n?=/, '')))
  const standard = headers['webhook-signature']!.split(' ').map((each) => nameOf(base64, each.replace('v1,', '')))
  expect(standard).toEqual(own)
  return own
}
