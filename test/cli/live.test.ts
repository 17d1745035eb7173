import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type CliOptions, cliOf, type RunningCli } from '../support/cli.ts'
import { inTurn, type Respond, startReceiver } from '../support/receiver.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
let rex: ReturnType<typeof cliOf>

beforeAll(async () => {
  app = await startTestApp()
  rex = cliOf(app)
})

afterAll(() => app.stop())

interface Triggered {
  readonly eventId: string
  readonly contactId: string
}

describe('rex tail', () => {
  it('prints events from the first one of an empty log on, a line each', async () => {
    const tail = await start(['tail'], /Following the events/)
    await rex.json('capture', '--email', 'first@example.com', '--first-name', 'Fay')
    await tail.said(/contact\.created +first@example\.com Fay +evt_\w+/)
    await rex.json('contacts', 'edit', 'first@example.com', '--stage', 'customer')
    await tail.said(/contact\.updated +first@example\.com Fay \(stage\) +evt_\w+/)
    expect(await tail.interrupt()).toMatchObject({ code: 0 })
  })

  it('prints what happened since a time first, and lines of JSON only with --json', async () => {
    const { eventId } = await rex.json<Triggered>('trigger', 'contact.created')
    const tail = await start(['tail', '--since', '1h', '--events', 'contact.created', '--json'], new RegExp(eventId))
    const { stdout, stderr } = await tail.interrupt()
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['contact.created']))
    expect(events.at(-1)).toMatchObject({ id: eventId, data: { source: 'rex trigger' } })
    expect(stderr).toBe('')
  })
})

describe('rex listen', () => {
  it('posts an event as the webhook that an endpoint gets: the same body, and both signatures', async () => {
    const hooks = await receiver()
    const endpoint = await receiver()
    await rex.json('webhooks', 'create', '--url', endpoint.url, '--events', '*')
    const { listen, secret } = await startListening(hooks.url)
    const { contactId } = await rex.json<Triggered>('trigger', 'contact.updated')
    await rex.json('contacts', 'erase', contactId, '--yes')
    const webhooks = await hooks.received(3)
    const [, updated, erased] = webhooks.map(({ body }) => JSON.parse(body))
    expect(updated).toMatchObject({ event: 'contact.updated', changed: ['first_name', 'last_name'] })
    expect(erased).toMatchObject({ event: 'contact.erased', data: { id: contactId } })
    for (const { headers, body } of webhooks) {
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
      expect(Stripe.webhooks.constructEvent(body, headers['x-rex-signature']!, secret)).toMatchObject({
        id: headers['webhook-id'],
      })
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'user-agent': expect.stringMatching(/^Rex\/\d/),
        'x-rex-event': JSON.parse(body).event,
        'x-rex-delivery': expect.stringMatching(/^dlv_/),
        'x-rex-attempt': '1',
      })
    }
    const sent = await endpoint.received(1)
    for (const { body, headers } of sent)
      expect(webhooks.find((webhook) => webhook.headers['webhook-id'] === headers['webhook-id'])?.body).toBe(body)
    await listen.said(/contact\.erased +evt_\w+ +200 in \d+ ms/)
    expect(await listen.interrupt()).toMatchObject({ code: 0 })
  })

  it('signs with the same secret at each start, and with a given one', async () => {
    const hooks = await receiver()
    const { secret } = await startListening(hooks.url)
    expect((await startListening(hooks.url)).secret).toBe(secret)
    expect((await startListening(hooks.url, '--secret', 'whsec_your_signing_secret')).secret).toBe(
      'whsec_your_signing_secret',
    )
  })

  it('sends first what was missed since a time, and only the chosen types', async () => {
    const hooks = await receiver()
    const { eventId } = await rex.json<Triggered>('trigger', 'contact.updated')
    await startListening(hooks.url, '--since', '1h', '--events', 'contact.updated')
    await expect.poll(() => hooks.webhooks.map(({ headers }) => headers['webhook-id'])).toContain(eventId)
    expect(new Set(hooks.webhooks.map(({ headers }) => headers['x-rex-event']))).toEqual(new Set(['contact.updated']))
  })

  it('sends an event again by its id or that of a delivery, and ends with 4 for another', async () => {
    const hooks = await receiver()
    const { eventId } = await rex.json<Triggered>('trigger', 'contact.created')
    await startListening(hooks.url, '--replay', eventId)
    const [replayed] = await hooks.received(1)
    expect(JSON.parse(replayed!.body)).toMatchObject({ id: eventId, event: 'contact.created' })
    const parameters = ['listen', '--forward-to', hooks.url, '--replay', 'evt_01HQ0000000000000000000000']
    expect(await rex.run(parameters)).toMatchObject({ code: 4 })
  })

  it('shows what the local address returns, and goes on', async () => {
    const hooks = await receiver(inTurn([500], [302, { location: '/elsewhere' }], [200]))
    const { listen } = await startListening(hooks.url)
    for (const told of ['500', '302', '200']) {
      const { eventId } = await rex.json<Triggered>('trigger', 'contact.created')
      await listen.said(new RegExp(`${eventId} +${told} in`))
    }
    await hooks.stop()
    const { eventId } = await rex.json<Triggered>('trigger', 'contact.created')
    await listen.said(new RegExp(`${eventId} +connection refused in`))
  })

  it('advises rex verify once when the local address may have rejected the signature', async () => {
    const hooks = await receiver(inTurn([401], [403], [200]))
    const { listen } = await startListening(hooks.url)
    for (const status of [401, 403, 200]) {
      const { eventId } = await rex.json<Triggered>('trigger', 'contact.created')
      await listen.said(new RegExp(`${eventId} +${status} in`))
    }
    expect(listen.stderr().match(/`rex verify` says why/g)).toHaveLength(1)
  })

  it('advises nothing about a signature when the local address fails otherwise', async () => {
    const hooks = await receiver(inTurn([404], [500], [200]))
    const { listen } = await startListening(hooks.url)
    for (const status of [404, 500, 200]) {
      const { eventId } = await rex.json<Triggered>('trigger', 'contact.created')
      await listen.said(new RegExp(`${eventId} +${status} in`))
    }
    expect(listen.stderr()).not.toContain('rex verify')
  })

  it('ends with 3 for a key that may not read events', async () => {
    const { token } = await rex.json<{ token: string }>('keys', 'create', '--name', 'c', '--scopes', 'CAPTURE')
    const limited = cliOf({ url: app.url, key: token })
    expect(await limited.run(['listen', '--forward-to', 'http://127.0.0.1:1'])).toMatchObject({ code: 3 })
  })
})

describe('rex trigger', () => {
  it.each(['contact.created', 'contact.updated', 'contact.erased'])('makes a real event: %s', async (type) => {
    const tail = await start(['tail', '--json'], /^/)
    const run = await rex.run(['trigger', type, '--metadata', 'plan=pro'])
    const [, contactId] = new RegExp(`^Triggered ${type}.* \\((cont_\\w+)\\)\\.\\n$`).exec(run.stdout)!
    await tail.said(new RegExp(`"type":"${type}".*${contactId}`))
  })

  it('says why there is no event for a contact that exists already', async () => {
    const { code, stderr } = await rex.run(['trigger', 'contact.created', '--email', 'first@example.com'])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('exists already') })
  })
})

/** Starts a command that the end of the test interrupts, and waits for what it says. */
async function start(parameters: readonly string[], said: RegExp, options: CliOptions = {}): Promise<RunningCli> {
  const running = rex.start(parameters, options)
  onTestFinished(async () => void (await running.interrupt()))
  await running.said(said)
  return running
}

async function startListening(url: string, ...options: string[]) {
  const listen = await start(['listen', '--forward-to', url, ...options], /^Signing secret: \S+$/m)
  const [, secret = ''] = await listen.said(/^Signing secret: (\S+)$/m)
  return { listen, secret }
}

async function receiver(respond?: Respond) {
  const started = await startReceiver(respond)
  onTestFinished(() => started.stop())
  return started
}
