import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../src/platform/errors.ts'
import { newId } from '../../src/platform/ids.ts'
import type { EndpointInput } from '../../src/webhooks/endpoint-input.ts'
import { type Endpoints, maxEndpoints } from '../../src/webhooks/endpoints.ts'
import type { Viewer } from '../../src/workspaces/viewer.ts'
import { codeOf, openParts, type TestParts } from '../support/test-parts.ts'
import { deliveriesOf, endpointsOf, names, oweAll, secretBox, viewerOf } from '../support/webhook-parts.ts'

interface EndpointRow {
  url: string
  events: string[]
  description: string | null
  status: string
  disabled_reason: string | null
  secret: string
  secret_hint: string
  max_in_flight: number
  updated_at: Date
  created_at: Date
}

const url = 'https://hooks.example.com/rex'

describe('webhook endpoints', () => {
  let parts: TestParts
  let endpoints: Endpoints
  let viewer: Viewer
  let workspaceId: string
  let switches: number

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(() => {
    workspaceId = newId('workspace')
    viewer = viewerOf(workspaceId)
    switches = 0
    endpoints = endpointsOf(parts, () => {
      switches += 1
    })
  })

  const create = (input: EndpointInput = {}, by = viewer) => endpoints.create(by, { url, ...input }, names)
  const update = (id: string, input: Parameters<Endpoints['update']>[2], by = viewer) =>
    endpoints.update(by, id, input, names)
  const row = async (id: string) =>
    (await parts.sql<EndpointRow>('select * from webhook_endpoint where id = $1', [id]))[0]
  const audit = () =>
    parts.sql<{ action: string; actor: string; target_id: string; details: object }>(
      'select action, actor, target_id, details from audit_entry where workspace_id = $1 order by id',
      [workspaceId],
    )

  async function problemsOf(work: Promise<unknown>): Promise<string[]> {
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    return error instanceof AppError ? [error.code, ...(error.fields ?? []).map(({ path }) => path)] : [String(error)]
  }

  it('are created with what was given, or with what the contract says', async () => {
    const { id } = await create()
    expect(id).toMatch(/^wh_/)
    expect(await row(id)).toMatchObject({
      url,
      events: ['contact.created'],
      description: null,
      status: 'ENABLED',
      max_in_flight: 10,
    })
    const other = await create({ events: ['*', 'contact.erased', '*'], description: 'CRM', maxInFlight: 100 })
    expect(await row(other.id)).toMatchObject({
      events: ['*', 'contact.erased'],
      description: 'CRM',
      max_in_flight: 100,
    })
    expect(await audit()).toMatchObject([
      { action: 'webhook_endpoint.created', actor: 'key_test', target_id: id },
      { action: 'webhook_endpoint.created', target_id: other.id },
    ])
  })

  describe('their secrets', () => {
    it('are generated, or those that were given, and answered once', async () => {
      expect((await create()).secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
      expect((await create({ secret: 'my-own-secret-0123' })).secret).toBe('my-own-secret-0123')
    })

    it.each([
      ['with spaces, also at its ends', ' a pass phrase of words ', 'rds '],
      ['of another script', 'очень-секретное-слово', 'лово'],
      ['of 16 characters that take two units each', '🙂'.repeat(16), '🙂🙂🙂🙂'],
      ['of 256 characters that take two units each', '🙂'.repeat(256), '🙂🙂🙂🙂'],
      ['whose last characters are of several lengths', '0123456789abcde🙂ßz', 'e🙂ßz'],
    ])('may be any printable text: one %s', async (_, given, hint) => {
      const { id, secret } = await create({ secret: given })
      expect(secret).toBe(given)
      const stored = (await row(id))!
      expect(secretBox.open(stored.secret, { workspaceId, id })).toBe(given)
      expect(stored.secret_hint).toBe(hint)
      await endpoints.rotateSecret(viewer, { id, overlapHours: 1, overlapPath: 'overlap_hours' })
      const [rotated] = await parts.sql<{ previous_secret: string }>(
        'select previous_secret from webhook_endpoint where id = $1',
        [id],
      )
      expect(secretBox.open(rotated!.previous_secret, { workspaceId, id })).toBe(given)
    })

    it('are sealed in the row, but for the hint', async () => {
      const { id, secret } = await create()
      const stored = (await row(id))!
      expect(stored.secret_hint).toBe(secret.slice(-4))
      expect(secretBox.open(stored.secret, { workspaceId, id })).toBe(secret)
      const everything = await parts.sql<{ text: string }>(
        `select (e.*)::text as text from webhook_endpoint e where id = $1
         union all select (a.*)::text from audit_entry a where workspace_id = $2`,
        [id, workspaceId],
      )
      for (const forbidden of [
        secret,
        secret.slice(6),
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret.slice(6), 'base64').toString('hex'),
      ])
        for (const { text } of everything) expect(text).not.toContain(forbidden)
    })

    it('do not open once two rows have exchanged them', async () => {
      const [one, two] = [await create(), await create()]
      const { secret: sealed } = (await row(two.id))!
      await parts.sql('update webhook_endpoint set secret = $2 where id = $1', [one.id, sealed])
      const exchanged = (await row(one.id))!.secret
      expect(() => secretBox.open(exchanged, { workspaceId, id: one.id })).toThrow()
    })
  })

  it('are changed in what was sent, and in nothing else', async () => {
    const { id } = await create({ description: 'CRM', maxInFlight: 5 })
    const before = (await row(id))!
    await update(id, { url: 'https://other.example.com/', events: ['*', '*'] })
    const { updated_at, ...after } = (await row(id))!
    expect(after).toEqual({
      ...before,
      updated_at: undefined,
      url: 'https://other.example.com/',
      events: ['*'],
    })
    await update(id, { description: null, maxInFlight: 1 })
    expect(await row(id)).toMatchObject({ description: null, max_in_flight: 1, events: ['*'] })
    expect(updated_at.getTime()).toBeGreaterThanOrEqual(before.updated_at.getTime())
    expect((await audit()).slice(1)).toMatchObject([
      { action: 'webhook_endpoint.updated', details: { fields: ['url', 'events'] } },
      { action: 'webhook_endpoint.updated', details: { fields: ['description', 'maxInFlight'] } },
    ])
  })

  it('count the characters of what is limited, not their units of UTF-16', async () => {
    const [long, description] = [`https://example.com/${'🙂'.repeat(2028)}`, '🙂'.repeat(500)]
    const { id } = await create({ url: long, description })
    expect(await row(id)).toMatchObject({ url: long, description })
    expect(await problemsOf(create({ url: `${long}x`, description: `${description}x` }))).toEqual([
      ...['invalid_request', 'url', 'description'],
    ])
  })

  it('hold their deliveries while they are disabled, and release them once they are enabled', async () => {
    const { id } = await create()
    await oweAll(parts, workspaceId, [{}])
    await update(id, { enabled: false })
    expect(await row(id)).toMatchObject({ status: 'DISABLED' })
    await oweAll(parts, workspaceId, [{}])
    const statuses = async () => (await deliveriesOf(parts, workspaceId)).map(({ status }) => status)
    expect(await statuses()).toEqual(['HELD', 'HELD'])
    await update(id, { enabled: true })
    expect(await row(id)).toMatchObject({ status: 'ENABLED', disabled_reason: null })
    expect(await statuses()).toEqual(['PENDING', 'PENDING'])
    expect(switches).toBe(2)
  })

  it('are switched by what differs alone', async () => {
    const { id } = await create()
    await update(id, { enabled: true })
    await update(id, { description: 'CRM' })
    expect(switches).toBe(0)
    await parts.sql(`update webhook_endpoint set status = 'AUTO_DISABLED', disabled_reason = 'x' where id = $1`, [id])
    await update(id, { enabled: false })
    expect([switches, (await row(id))!.status]).toEqual([0, 'AUTO_DISABLED'])
    await update(id, { enabled: true })
    expect([switches, (await row(id))!.status]).toEqual([1, 'ENABLED'])
  })

  it('are gone once they are removed, and what was open for them is canceled', async () => {
    const { id } = await create()
    await oweAll(parts, workspaceId, [{}, {}])
    await parts.sql(
      `update delivery set status = 'SUCCEEDED' where id = (select min(id) from delivery where workspace_id = $1)`,
      [workspaceId],
    )
    await endpoints.remove(viewer, id)
    expect(await row(id)).toBeUndefined()
    expect((await deliveriesOf(parts, workspaceId)).map(({ status }) => status).toSorted()).toEqual([
      'CANCELED',
      'SUCCEEDED',
    ])
    expect(await codeOf(endpoints.remove(viewer, id))).toBe('not_found')
    expect((await audit()).at(-1)).toMatchObject({ action: 'webhook_endpoint.deleted', target_id: id })
  })

  describe('of another workspace', () => {
    it('are as if they did not exist', async () => {
      const { id } = await create()
      const stranger = viewerOf(newId('workspace'))
      const before = await row(id)
      for (const target of [id, newId('endpoint'), 'nonsense']) {
        const works = [
          update(target, { description: 'mine' }, stranger),
          update(target, { enabled: false }, stranger),
          endpoints.remove(stranger, target),
          endpoints.rotateSecret(stranger, { id: target, overlapHours: 0, overlapPath: 'overlap_hours' }),
        ]
        const messages = await Promise.all(
          works.map((work) =>
            work.then(
              () => '',
              (error: Error) => error.message,
            ),
          ),
        )
        expect(messages).toEqual(Array(4).fill('There is no such webhook endpoint.'))
      }
      expect(await row(id)).toEqual(before)
      expect(await audit()).toHaveLength(1)
    })
  })

  describe('are refused', () => {
    it.each([
      ['without a URL', { url: undefined } as unknown as EndpointInput, ['invalid_request', 'url']],
      ['with a URL that is none', { url: 'not a url' }, ['invalid_request', 'url']],
      ['with another scheme', { url: 'ftp://example.com/' }, ['invalid_request', 'url']],
      ['with user info', { url: 'https://user:secret@example.com/' }, ['invalid_request', 'url']],
      ['with a URL of 2,049', { url: `https://example.com/${'x'.repeat(2029)}` }, ['invalid_request', 'url']],
      ['with no events', { events: [] }, ['invalid_request', 'events']],
      [
        'with an event that nobody knows',
        { events: ['contact.created', 'contact.exploded'] },
        ['invalid_request', 'events'],
      ],
      ['with a secret of 15', { secret: 'x'.repeat(15) }, ['invalid_request', 'secret']],
      ['with a secret of 257', { secret: 'x'.repeat(257) }, ['invalid_request', 'secret']],
      ['with a secret of 15 that has 30 units', { secret: '🙂'.repeat(15) }, ['invalid_request', 'secret']],
      ['with a line break in the secret', { secret: `${'x'.repeat(16)}\n` }, ['invalid_request', 'secret']],
      ['with a line separator in the secret', { secret: `${'x'.repeat(16)}\u2028` }, ['invalid_request', 'secret']],
      ['with a control character in the secret', { secret: `${'x'.repeat(16)}\u0085` }, ['invalid_request', 'secret']],
      ['with U+0000 in the secret', { secret: `${'x'.repeat(16)}\u0000` }, ['invalid_request', 'secret']],
      ['with half a character in the secret', { secret: `${'x'.repeat(16)}\ud83d` }, ['invalid_request', 'secret']],
      ['with a description of 501', { description: 'x'.repeat(501) }, ['invalid_request', 'description']],
      ['with U+0000 in the description', { description: 'a\u0000b' }, ['invalid_request', 'description']],
      ['with no place in flight', { maxInFlight: 0 }, ['invalid_request', 'max_in_flight']],
      ['with 101 places in flight', { maxInFlight: 101 }, ['invalid_request', 'max_in_flight']],
      ['with half a place in flight', { maxInFlight: 1.5 }, ['invalid_request', 'max_in_flight']],
      [
        'with many faults at once',
        { url: 'x', events: [], maxInFlight: 0 },
        ['invalid_request', 'url', 'events', 'max_in_flight'],
      ],
      ['that point inside', { url: 'http://10.0.0.1/' }, ['unsafe_url', 'url']],
      ['that point at the metadata service', { url: 'http://169.254.169.254/latest' }, ['unsafe_url', 'url']],
      ['that point inside in disguise', { url: 'http://[::ffff:10.0.0.1]/' }, ['unsafe_url', 'url']],
    ] as [string, EndpointInput, string[]][])('%s', async (_, input, expected) => {
      const rows = async () => parts.sql('select 1 from webhook_endpoint where workspace_id = $1', [workspaceId])
      expect(await problemsOf(create(input))).toEqual(expected)
      expect(await rows()).toEqual([])
      if (input.url === undefined && 'url' in input) return
      const { id } = await create()
      const before = await row(id)
      expect(await problemsOf(update(id, input))).toEqual(expected)
      expect(await row(id)).toEqual(before)
    })
  })

  it(`are at most ${maxEndpoints} in a workspace, in another one more`, async () => {
    await create()
    await parts.sql(
      `insert into webhook_endpoint (workspace_id, id, url, secret, secret_hint)
       select $1::text, 'wh_' || number, 'https://example.com/', 'x', 'x' from generate_series(2, $2::int) number`,
      [workspaceId, maxEndpoints],
    )
    expect(await codeOf(create())).toBe('conflict')
    expect(await audit()).toHaveLength(1)
    await create({}, viewerOf(newId('workspace')))
  })
})
