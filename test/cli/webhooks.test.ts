import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { cliOf } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { inTurn, type Receiver, type Respond, startReceiver } from '../support/receiver.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
let rex: ReturnType<typeof cliOf>

beforeAll(async () => {
  app = await startTestApp({ REX_RETRY_SCHEDULE: '0' })
  rex = cliOf(app)
})

afterAll(() => app.stop())

interface Endpoint {
  readonly id: string
  readonly secret: string
  readonly status: string
}

interface Delivery {
  readonly id: string
  readonly status: string
}

describe('rex webhooks', () => {
  it('creates, lists, updates and deletes an endpoint', async () => {
    const { url } = await receiver()
    const created = await rex.run(['webhooks', 'create', '--url', url, '--events', 'contact.created,contact.updated'])
    expect(created.code).toBe(0)
    const [, id = ''] = /^Created (wh_\w+) for .* \(contact\.created, contact\.updated\)\.\nSecret: whsec_\S+\n$/.exec(
      created.stdout,
    )!
    expect((await rex.run(['webhooks', 'list'])).stdout).toMatch(new RegExp(`^ID .*\\n(?:.*\\n)*${id} .*enabled`))
    const updated = await rex.json<Endpoint>(
      'webhooks',
      'update',
      id,
      '--disable',
      '--description',
      'CRM',
      '--events',
      '*',
    )
    expect(updated).toMatchObject({ id, status: 'DISABLED', description: 'CRM', events: ['*'] })
    expect(await rex.run(['webhooks', 'test', id])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('disabled'),
    })
    expect(await rex.json('webhooks', 'update', id, '--enable')).toMatchObject({ status: 'ENABLED' })
    expect(await rex.run(['webhooks', 'delete', id])).toMatchObject({ code: 2 })
    expect(await rex.json('webhooks', 'delete', id, '--yes')).toEqual({ deletedId: id })
    expect(await rex.run(['webhooks', 'delete', id, '--yes'])).toMatchObject({ code: 4 })
  })

  it('names what is wrong with an endpoint, and ends with 1', async () => {
    const unsafe = await rex.run(['webhooks', 'create', '--url', 'http://10.0.0.1/'])
    expect(unsafe).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/\w/) })
    expect(await rex.run(['webhooks', 'update', 'wh_x', '--enable', '--disable'])).toMatchObject({ code: 2 })
    expect(await rex.run(['webhooks', 'update', 'wh_x'])).toMatchObject({ code: 2 })
  })

  it('rotates a secret, and says until when the old one is valid', async () => {
    const { id, secret } = await createEndpoint()
    const { stdout } = await rex.run(['webhooks', 'rotate', id])
    expect(stdout).toMatch(/^Secret: whsec_\S+\nThe old secret is valid until \d{4}-\d\d-\d\d /)
    expect(stdout).not.toContain(secret)
    const { stdout: last } = await rex.run(['webhooks', 'rotate', id, '--overlap-hours', '0'])
    expect(last).toContain('The old secret is no longer valid.')
  })

  it('tests an endpoint, and ends with 0 only if it accepts', async () => {
    const good = await createEndpoint()
    expect(await rex.run(['webhooks', 'test', good.id])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^dlv_\w+: 200 in \d+ ms\n$/),
    })
    const bad = await createEndpoint((_webhook, response) => response.writeHead(500).end())
    const refused = await rex.run(['webhooks', 'test', bad.id])
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/^dlv_\w+: 500 /) })
  })
})

describe('rex deliveries', () => {
  it('lists and shows deliveries, retries one, and replays a range after it has counted it', async () => {
    const { id } = await createEndpoint(inTurn([500], [500], [200]))
    await rex.json('capture', '--email', 'deliveries@example.com')
    const failed = await settled(id, 'FAILED')
    const { stdout: list } = await rex.run(['deliveries', 'list', '--endpoint', id, '--status', 'failed'])
    expect(list).toMatch(new RegExp(`^CREATED .*\\n.*contact\\.created .*failed .*500.* ${failed.id}\\n$`))
    const { stdout: shown } = await rex.run(['deliveries', 'show', failed.id])
    expect(shown).toMatch(/Attempt 1 +.*500 .*answer 1/)

    expect(await rex.run(['deliveries', 'retry', failed.id])).toMatchObject({ code: 0 })
    await eventually(
      async () => (await show(failed.id)).attempts.length === 2,
      () => 'one attempt',
    )
    await settled(id, 'FAILED')

    const range = ['deliveries', 'replay', '--endpoint', id, '--since', '1h']
    expect(await rex.run([...range, '--dry-run'])).toMatchObject({ code: 0, stdout: '1 event would be sent again.\n' })
    const unconfirmed = await rex.run(range)
    expect(unconfirmed).toMatchObject({ code: 2, stderr: expect.stringContaining('1 event would be sent') })
    expect(await rex.json(...range, '--yes')).toMatchObject({ matched: 1, replayId: expect.stringMatching(/^rpl_/) })
    await settled(id, 'SUCCEEDED')
  })

  it('ends with 4 for a delivery or an endpoint that does not exist', async () => {
    const ulid = '01HQ0000000000000000000000'
    expect((await rex.run(['deliveries', 'show', `dlv_${ulid}`])).code).toBe(4)
    expect((await rex.run(['deliveries', 'retry', `dlv_${ulid}`])).code).toBe(4)
    expect((await rex.run(['deliveries', 'replay', '--endpoint', `wh_${ulid}`, '--since', '1h'])).code).toBe(4)
  })
})

async function receiver(respond?: Respond): Promise<Receiver> {
  const started = await startReceiver(respond)
  onTestFinished(() => started.stop())
  return started
}

async function createEndpoint(respond?: Respond): Promise<Endpoint> {
  const { url } = await receiver(respond)
  return rex.json<Endpoint>('webhooks', 'create', '--url', url)
}

function show(id: string): Promise<Delivery & { attempts: unknown[] }> {
  return rex.json('deliveries', 'show', id)
}

/** Waits until a delivery to the endpoint is in this state. */
async function settled(endpointId: string, status: string): Promise<Delivery> {
  let found: Delivery[] = []
  await eventually(
    async () => {
      found = await rex.json<Delivery[]>('deliveries', 'list', '--endpoint', endpointId, '--status', status)
      return found.length > 0
    },
    () => `no delivery is ${status}`,
  )
  return found[0]!
}
