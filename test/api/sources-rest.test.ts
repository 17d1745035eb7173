import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem } from '../support/problem.ts'
import { type SourceCalls, type SourceSpace, startSourceCalls } from '../support/source-calls.ts'

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('/sources', () => {
  let calls: SourceCalls
  let mine: SourceSpace

  beforeAll(async () => {
    calls = await startSourceCalls()
    mine = await calls.makeSpace()
  })
  afterAll(() => calls?.rex.stop())

  const call = (method: string, path: string, body?: unknown, key: string | null = mine.key) =>
    calls.call(method, path, body, key)
  const create = (body: Readonly<Record<string, unknown>> = {}, key = mine.key) => calls.create(body, key)
  const storedOf = (id: string) => calls.storedOf(id)

  test('a source is created, read, changed, listed and deleted', async () => {
    const { key } = await calls.makeSpace()
    const mapping = [{ field: 'email', paths: ['contact.mail', 'answers[0].email'] }]
    const made = await call('POST', '/sources', { name: ' Pricing\npage ', kind: 'meta_lead_ads', mapping }, key)
    const source = {
      id: expect.stringMatching(/^src_[0-9A-HJKMNP-TV-Z]{26}$/),
      name: 'Pricing page',
      kind: 'meta_lead_ads',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/capture\/in_[0-9A-Za-z]{22,}$/),
      enabled: true,
      verified: false,
      header: null,
      mapping,
      last_received_at: null,
      created_at: expect.stringMatching(time),
      updated_at: expect.stringMatching(time),
    }
    expect(made.status).toBe(201)
    expect(made.json).toEqual({ data: source })
    const shown = made.json.data!
    const path = `/sources/${shown['id']}`
    expect(made.headers['location']).toBe(path)
    expect((await call('GET', path, undefined, key)).json).toEqual({ data: shown })

    const change = { name: 'Demo', kind: 'typeform', secret: 's3cret', mapping: [], enabled: false }
    const changed = await call('PATCH', path, change, key)
    expect(changed.status).toBe(200)
    expect(changed.json.data).toEqual({
      ...shown,
      name: 'Demo',
      kind: 'typeform',
      verified: true,
      mapping: [],
      enabled: false,
      updated_at: expect.stringMatching(time),
    })
    expect((await call('GET', '/sources', undefined, key)).json).toEqual({
      data: [changed.json.data],
      page: { next: null },
    })

    const deleted = await call('DELETE', path, undefined, key)
    expect({ status: deleted.status, text: deleted.text }).toEqual({ status: 204, text: '' })
    expectProblem(await call('GET', path, undefined, key), 404, 'not_found')
    expectProblem(await call('DELETE', path, undefined, key), 404, 'not_found')
  })

  test('a name alone makes a generic source, and null is no secret', async () => {
    expect(await create({ secret: null, header: null })).toMatchObject({
      kind: 'generic',
      verified: false,
      header: null,
      mapping: [],
    })
  })

  test('every token is another, and neither it nor a secret can be read from the database', async () => {
    const secret = 'a-secret-of-the-tool'
    const [one, two] = [await create({ secret }), await create({ secret })]
    expect(one.url).not.toBe(two.url)
    const text = JSON.stringify(await calls.stored())
    for (const hidden of [secret, ...[one, two].map(({ url }) => url.slice(url.indexOf('in_')))])
      expect(text).not.toContain(hidden)
  })

  test('a ciphertext copied to another row is not shown', async () => {
    const [one, two] = [await create(), await create()]
    const { token } = await storedOf(one.id)
    await calls.rex.database.query({ name: '', text: 'update source set token = $2 where id = $1' }, [two.id, token])
    expectProblem(await call('GET', `/sources/${two.id}`), 500, 'internal')
    await call('DELETE', `/sources/${two.id}`)
  })

  describe('a secret', () => {
    test('that is replaced stays valid for 24 hours, for the overlap, or not at all', async () => {
      const { id } = await create({ kind: 'tally', secret: 'first' })
      const first = (await storedOf(id)).secret
      const before = Date.now()
      await call('PATCH', `/sources/${id}`, { secret: 'second' })
      const replaced = await storedOf(id)
      expect(replaced.previous_secret).toBe(first)
      expect(replaced.previous_secret_expires_at!.getTime() - before).toBeCloseTo(86_400_000, -5)
      await call('PATCH', `/sources/${id}`, { secret: 'third', overlap_hours: 1 })
      const again = await storedOf(id)
      expect(again.previous_secret).toBe(replaced.secret)
      expect(again.previous_secret_expires_at!.getTime() - before).toBeCloseTo(3_600_000, -5)
      await call('PATCH', `/sources/${id}`, { secret: 'fourth', overlap_hours: 0 })
      expect(await storedOf(id)).toMatchObject({ previous_secret: null, previous_secret_expires_at: null })
    })

    test('that is sent again is no new one: the one before stays valid, unless without overlap', async () => {
      const { id } = await create({ kind: 'tally', secret: 'first' })
      await call('PATCH', `/sources/${id}`, { secret: 'second' })
      const before = await storedOf(id)
      await call('PATCH', `/sources/${id}`, { secret: 'second', name: 'Other' })
      expect(await storedOf(id)).toMatchObject({ secret: before.secret, previous_secret: before.previous_secret })
      await call('PATCH', `/sources/${id}`, { secret: 'second', overlap_hours: 0 })
      expect(await storedOf(id)).toMatchObject({ previous_secret: null })
    })

    test('of null is taken away, with the one before it; a change of other fields leaves both', async () => {
      const { id } = await create({ kind: 'tally', secret: 'first' })
      await call('PATCH', `/sources/${id}`, { secret: 'second' })
      const before = await storedOf(id)
      expect((await call('PATCH', `/sources/${id}`, { name: 'Other' })).json.data).toMatchObject({ verified: true })
      expect(await storedOf(id)).toMatchObject({ secret: before.secret, previous_secret: before.previous_secret })
      expect((await call('PATCH', `/sources/${id}`, { secret: null })).json.data).toMatchObject({ verified: false })
      expect(await storedOf(id)).toMatchObject({
        secret: null,
        previous_secret: null,
        previous_secret_expires_at: null,
      })
    })

    test('that is the first one has none before it', async () => {
      const { id } = await create({ kind: 'tally' })
      await call('PATCH', `/sources/${id}`, { secret: 'first' })
      expect(await storedOf(id)).toMatchObject({ previous_secret: null, previous_secret_expires_at: null })
    })

    test('of a generic source has a header, also when none is named', async () => {
      expect(await create({ secret: 'x', header: 'X-Form-Secret' })).toMatchObject({ header: 'X-Form-Secret' })
      const { id, ...named } = await create({ secret: 'x' })
      expect(named).toMatchObject({ header: 'X-Webhook-Secret' })
      const { id: other } = await create({ kind: 'typeform', secret: 'x' })
      const header = async (of: string, body: object) =>
        (await call('PATCH', `/sources/${of}`, body)).json.data!['header']
      expect(await header(id, { header: 'X-Other' })).toBe('X-Other')
      expect(await header(id, { name: 'same' })).toBe('X-Other')
      expect(await header(id, { header: null })).toBe('X-Webhook-Secret')
      expect(await header(other, { name: 'same' })).toBeNull()
      expect(await header(other, { kind: 'generic' })).toBe('X-Webhook-Secret')
    })

    test.each(['wix', 'wpforms', 'hubspot', 'zapier'])(
      'of the kind %s, which signs nothing, has a header, so that its leads can be verified',
      async (kind) => {
        const source = await create({ kind, secret: 'hush-hush' })
        expect(source).toMatchObject({ header: 'X-Webhook-Secret', verified: true })
        const { json } = await call('PATCH', `/sources/${source.id}`, { header: null })
        expect(json.data).toMatchObject({ header: 'X-Webhook-Secret' })
        const late = await create({ kind })
        expect(late).toMatchObject({ header: null })
        const secured = await call('PATCH', `/sources/${late.id}`, { secret: 'hush-hush' })
        expect(secured.json.data).toMatchObject({ header: 'X-Webhook-Secret' })
      },
    )
  })

  describe('a rotation of the URL', () => {
    test.each([
      [undefined, 24],
      [{}, 24],
      [{ overlap_hours: 1 }, 1],
    ] as const)('with %j leaves the old one valid for %i hours', async (body, hours) => {
      const made = await create()
      const before = await storedOf(made.id)
      const rotated = await call('POST', `/sources/${made.id}/rotate-url`, body)
      expect(rotated.status).toBe(200)
      const { url, updated_at, ...others } = rotated.json.data!
      expect({ ...made, url: '', updated_at: '' }).toEqual({ ...others, url: '', updated_at: '' })
      expect(url).not.toBe(made.url)
      expect((await call('GET', `/sources/${made.id}`)).json.data!['url']).toBe(url)
      const row = await storedOf(made.id)
      expect(row.previous_token_hash).toBe(before.token_hash)
      expect(row.previous_token_expires_at!.getTime() - Date.now()).toBeCloseTo(hours * 3_600_000, -5)
      expect(Date.parse(String(updated_at))).toBeGreaterThanOrEqual(before.updated_at.getTime())
    })

    test('without overlap ends the old one at once, and one before it', async () => {
      const { id } = await create()
      await call('POST', `/sources/${id}/rotate-url`)
      await call('POST', `/sources/${id}/rotate-url`, { overlap_hours: 0 })
      expect(await storedOf(id)).toMatchObject({ previous_token_hash: null, previous_token_expires_at: null })
    })

    test.each([-1, 169, 1.5, '24', null])('for %j hours is refused', async (overlap_hours) => {
      const { id } = await create()
      const before = await storedOf(id)
      const answer = await call('POST', `/sources/${id}/rotate-url`, { overlap_hours })
      expectProblem(answer, 422, 'invalid_request', ['overlap_hours'])
      expect(await storedOf(id)).toEqual(before)
    })
  })

  test('a workspace has at most 200, also when two are created at once', async () => {
    const { key, workspaceId } = await calls.makeSpace()
    await calls.rex.database.query(
      {
        name: '',
        text: `insert into source (workspace_id, id, name, token_hash, token)
               select $1, 'src_' || lpad(nth::text, 26, '0'), 'many', $1 || nth, '' from generate_series(1, 199) nth`,
      },
      [workspaceId],
    )
    const answers = await Promise.all([1, 2].map((nth) => call('POST', '/sources', { name: `Last ${nth}` }, key)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    const refused = answers.find(({ status }) => status === 409)!
    expectProblem(refused, 409, 'conflict')
    expect(refused.json.error!['message']).toBe('A workspace has at most 200 sources.')
  })

  test('the list is walked by its cursors, newest first, each source once', async () => {
    const { key } = await calls.makeSpace()
    const made: string[] = []
    for (let n = 0; n < 5; n++) made.unshift((await create({}, key)).id)
    const seen: unknown[] = []
    let next: unknown = null
    do {
      const page = await call('GET', `/sources?limit=2${next === null ? '' : `&after=${next}`}`, undefined, key)
      seen.push(...(page.json.data as unknown as { id: string }[]).map(({ id }) => id))
      next = page.json.page!['next']
    } while (next !== null)
    expect(seen).toEqual(made)
  })

  test('every change is in the audit log, without a secret and without a name', async () => {
    const { key, workspaceId } = await calls.makeSpace()
    const { id } = await create({ name: 'Jane', secret: 'first-secret' }, key)
    await call('PATCH', `/sources/${id}`, { name: 'Joan', secret: 'second-secret', overlap_hours: 2 }, key)
    await call('POST', `/sources/${id}/rotate-url`, { overlap_hours: 3 }, key)
    await call('DELETE', `/sources/${id}`, undefined, key)
    const entries = await calls.rex.database.query<{ action: string; details: object }>(
      {
        name: '',
        text: 'select action, details from audit_entry where workspace_id = $1 and target_id = $2 order by id',
      },
      [workspaceId, id],
    )
    expect(entries).toEqual([
      { action: 'source.created', details: {} },
      { action: 'source.updated', details: { fields: ['name', 'secret'] } },
      { action: 'source.url_rotated', details: { overlapHours: 3 } },
      { action: 'source.deleted', details: {} },
    ])
  })
})
