import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/platform/ids.ts'
import { createApiKey } from '../../src/workspaces/api-key.ts'
import { createWorkspace } from '../../src/workspaces/workspace.ts'
import { type Received, send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { expectProblem } from '../support/problem.ts'

const url = 'https://example.com/hooks'
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('/webhooks', () => {
  let rex: TestHttp
  const keys = { mine: '', theirs: '', reads: '', writes: '', neither: '' }

  beforeAll(async () => {
    rex = await startTestHttp()
    const make = async (slug: string) => {
      const made = await createWorkspace(rex.database, { slug, name: slug, actor: 'system' })
      if (made.kind !== 'created') throw new Error('The slug is taken.')
      return made
    }
    const [mine, theirs] = [await make('mine'), await make('theirs')]
    const keyWith = async (scopes: Parameters<typeof createApiKey>[1]['scopes']) => {
      const { workspaceId } = mine
      return (await createApiKey(rex.database, { workspaceId, name: 'limited', scopes, actor: 'system' })).token
    }
    keys.mine = mine.token
    keys.theirs = theirs.token
    keys.reads = await keyWith(['WEBHOOKS_READ'])
    keys.writes = await keyWith(['WEBHOOKS_WRITE', 'PII_READ'])
    keys.neither = await keyWith(['CONTACTS_READ', 'CAPTURE'])
  })
  afterAll(() => rex.stop())

  const call = (method: string, path: string, body?: unknown, key: string | null = keys.mine): Promise<Received> =>
    send(rex.url, {
      method,
      path,
      headers: {
        ...(key !== null && { 'x-api-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  const create = async (body: Readonly<Record<string, unknown>> = {}, key = keys.mine) => {
    const answer = await call('POST', '/webhooks', { url, ...body }, key)
    expect(answer.status).toBe(201)
    return answer.json.data as { id: string; secret: string }
  }
  /** Every column of every endpoint. */
  const stored = () => rex.database.query({ name: '', text: 'select * from webhook_endpoint order by id' })

  test('an endpoint is made, read, changed, listed and deleted', async () => {
    const made = await call('POST', '/webhooks', {
      url,
      events: ['contact.created', 'contact.created'],
      description: 'CRM',
      max_in_flight: 3,
    })
    const endpoint = {
      id: expect.stringMatching(/^wh_[0-9A-HJKMNP-TV-Z]{26}$/),
      url,
      events: ['contact.created'],
      description: 'CRM',
      status: 'enabled',
      secret_hint: expect.stringMatching(/^.{4}$/),
      max_in_flight: 3,
      created_at: expect.stringMatching(time),
      updated_at: expect.stringMatching(time),
    }
    expect(made.status).toBe(201)
    expect(made.json).toEqual({
      data: { ...endpoint, secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) },
    })
    expect(made.headers['location']).toBe(`/webhooks/${made.json.data!['id']}`)
    const path = `/webhooks/${made.json.data!['id']}`
    const { secret, ...shown } = made.json.data!
    expect(String(secret).slice(-4)).toBe(shown['secret_hint'])
    expect((await call('GET', path)).json).toEqual({ data: shown })

    const changed = await call('PATCH', path, { description: null, events: ['*'], max_in_flight: 100 })
    expect(changed.status).toBe(200)
    expect(changed.json.data).toEqual({
      ...shown,
      description: null,
      events: ['*'],
      max_in_flight: 100,
      updated_at: expect.stringMatching(time),
    })
    expect((await call('GET', '/webhooks')).json).toEqual({ data: [changed.json.data], page: { next: null } })

    const deleted = await call('DELETE', path)
    expect({ status: deleted.status, text: deleted.text }).toEqual({ status: 204, text: '' })
    expectProblem(await call('GET', path), 404, 'not_found')
    expectProblem(await call('DELETE', path), 404, 'not_found')
  })

  test('a secret of the caller is used as it is, and kept where nobody can read it', async () => {
    for (const secret of ['my-own-secret-of-24-chars', ' eine Lösung aus Wörtern 🙂 ']) {
      const made = await create({ secret })
      expect(made).toMatchObject({ secret, secret_hint: [...secret].slice(-4).join('') })
      expect(JSON.stringify(await stored())).not.toContain(secret)
    }
  })

  test.each([{ status: 'disabled' }, { enabled: false }])(
    '%j disables an endpoint, and its counterpart enables it',
    async (off) => {
      const { id } = await create()
      const on = 'status' in off ? { status: 'enabled' } : { enabled: true }
      expect((await call('PATCH', `/webhooks/${id}`, off)).json.data).toMatchObject({ status: 'disabled' })
      expect((await call('PATCH', `/webhooks/${id}`, on)).json.data).toMatchObject({ status: 'enabled' })
    },
  )

  test('a change leaves alone what it does not name, and fields that nobody knows do nothing', async () => {
    const { secret: _, ...endpoint } = await create({ description: 'stays', nobody: 'knows' })
    const same = await call('PATCH', `/webhooks/${endpoint.id}`, { id: newId('endpoint'), secret: 'x'.repeat(16) })
    expect(same.json.data).toEqual({ ...endpoint, updated_at: expect.stringMatching(time) })
  })

  test('the list is walked by its cursors, newest first, each endpoint once', async () => {
    const { token } = await walkWorkspace()
    const made: string[] = []
    for (let n = 0; n < 5; n++) made.unshift((await create({}, token)).id)
    const seen: unknown[] = []
    let next: unknown = null
    do {
      const page: Received = await call(
        'GET',
        `/webhooks?limit=2${next === null ? '' : `&after=${next}`}`,
        undefined,
        token,
      )
      seen.push(...(page.json.data as unknown as { id: string }[]).map(({ id }) => id))
      next = page.json.page!['next']
    } while (next !== null)
    expect(seen).toEqual(made)
  })

  test('twenty are answered when no limit is given, and a hundred at most', async () => {
    const { token } = await walkWorkspace()
    for (let n = 0; n < 21; n++) await create({}, token)
    const count = async (query: string) => {
      const { json } = await call('GET', `/webhooks${query}`, undefined, token)
      return (json.data as unknown as unknown[]).length
    }
    expect(await count('')).toBe(20)
    expect(await count('?limit=100')).toBe(21)
    expect(await count('?limit=1')).toBe(1)
  })

  describe('to another workspace', () => {
    test.each([
      ['GET', undefined],
      ['PATCH', { description: 'theirs now' }],
      ['DELETE', undefined],
    ])("%s of this one's id is answered exactly like one that does not exist", async (method, body) => {
      const { id } = await create()
      const before = await stored()
      const ids = [
        id,
        newId('endpoint'),
        newId('contact'),
        'wh_x',
        '%00',
        'constructor',
        'wh_0123456789abcdefghjkmnpqrs',
      ]
      for (const each of ids) {
        const answer = await call(method, `/webhooks/${each}`, body, keys.theirs)
        expectProblem(answer, 404, 'not_found')
        expect(answer.json.error!['message']).toBe('There is no such webhook endpoint.')
      }
      expect(await stored()).toEqual(before)
    })

    test('the list shows nothing of this one, and its cursors are not taken', async () => {
      await create()
      await create()
      const { json } = await call('GET', '/webhooks?limit=1')
      expect((await call('GET', '/webhooks', undefined, keys.theirs)).json.data).toEqual([])
      const stolen = await call('GET', `/webhooks?after=${json.page!['next']}`, undefined, keys.theirs)
      expectProblem(stolen, 422, 'invalid_request', ['after'])
    })
  })

  describe('who may do what', () => {
    const anyId = newId('endpoint')
    test.each([
      ['GET', '/webhooks', undefined, 'reads', 'writes'],
      ['GET', `/webhooks/${anyId}`, undefined, 'reads', 'writes'],
      ['POST', '/webhooks', {}, 'writes', 'reads'],
      ['PATCH', `/webhooks/${anyId}`, {}, 'writes', 'reads'],
      ['DELETE', `/webhooks/${anyId}`, undefined, 'writes', 'reads'],
    ] as const)('%s %s needs a key with its scope', async (method, path, body, may, mayNot) => {
      expectProblem(await call(method, path, body, null), 401, 'unauthenticated')
      expectProblem(await call(method, path, body, 'no-key-of-ours-0123456'), 401, 'unauthenticated')
      expectProblem(await call(method, path, body, keys.neither), 403, 'insufficient_scope')
      expectProblem(await call(method, path, body, keys[mayNot]), 403, 'insufficient_scope')
      expect([401, 403]).not.toContain((await call(method, path, body, keys[may])).status)
    })
  })

  test.each<[string, unknown, number, string, string[]?]>([
    ['no url', {}, 422, 'invalid_request', ['url']],
    ['an array', [], 422, 'invalid_request', ['']],
    [
      'wrong types, all of them named',
      { url: 1, events: 'x', secret: 2, description: 3, max_in_flight: '4' },
      422,
      'invalid_request',
      ['url', 'events', 'secret', 'description', 'max_in_flight'],
    ],
    ['a type of event that is no text', { url, events: ['*', 1] }, 422, 'invalid_request', ['events.1']],
    ['a type of event that there is not', { url, events: ['contact.sold'] }, 422, 'invalid_request', ['events']],
    ['no types of events', { url, events: [] }, 422, 'invalid_request', ['events']],
    ['a number out of bounds', { url, max_in_flight: 101 }, 422, 'invalid_request', ['max_in_flight']],
    ['a number that is not whole', { url, max_in_flight: 1.5 }, 422, 'invalid_request', ['max_in_flight']],
    ['a secret of 15 characters', { url, secret: 'x'.repeat(15) }, 422, 'invalid_request', ['secret']],
    ['a description of 501 characters', { url, description: 'x'.repeat(501) }, 422, 'invalid_request', ['description']],
    ['a url that is none', { url: 'example.com' }, 422, 'invalid_request', ['url']],
    ['a url with a password', { url: 'https://me:secret@example.com' }, 422, 'invalid_request', ['url']],
    ['a url that points inside', { url: 'http://169.254.169.254/latest' }, 422, 'unsafe_url', ['url']],
    ['malformed JSON', '{"url": ', 400, 'invalid_json'],
    ['U+0000', { url, description: 'a\u0000b' }, 400, 'invalid_encoding'],
    ['a body of 100 KB', { url, description: 'x'.repeat(100_000) }, 413, 'body_too_large'],
  ])('%s is refused and changes nothing', async (_name, body, status, code, paths) => {
    const { id } = await create()
    const before = await stored()
    expectProblem(await call('POST', '/webhooks', body), status, code, paths)
    const rest = typeof body === 'object' && body !== null && 'secret' in body
    if (!rest && JSON.stringify(body) !== '{}')
      expectProblem(await call('PATCH', `/webhooks/${id}`, body), status, code, paths)
    expect(await stored()).toEqual(before)
  })

  test('a change that says two things of its state is refused', async () => {
    const { id } = await create()
    const path = `/webhooks/${id}`
    expectProblem(await call('PATCH', path, { status: 'enabled', enabled: false }), 422, 'invalid_request', ['enabled'])
    expectProblem(await call('PATCH', path, { status: 'auto_disabled' }), 422, 'invalid_request', ['status'])
    expectProblem(await call('PATCH', path, { url: null }), 422, 'invalid_request', ['url'])
  })

  test.each(['0', '101', '-1', '1.5', 'x', '', '1&limit=2'])('limit=%s is refused', async (limit) => {
    expectProblem(await call('GET', `/webhooks?limit=${limit}`), 422, 'invalid_request', ['limit'])
  })

  test.each(['', 'x', 'wh_1', Buffer.from('ws_1 wh_1').toString('base64url')])(
    'after=%s is no cursor',
    async (after) => {
      expectProblem(await call('GET', `/webhooks?after=${after}`), 422, 'invalid_request', ['after'])
    },
  )

  test('a body of another type than JSON is refused', async () => {
    const headers = { 'x-api-key': keys.mine, 'content-type': 'text/plain' }
    const answer = await send(rex.url, { method: 'POST', path: '/webhooks', headers, body: JSON.stringify({ url }) })
    expectProblem(answer, 415, 'unsupported_media_type')
  })

  const walkWorkspace = async () => {
    const slug = `walk-${crypto.randomUUID()}`
    const made = await createWorkspace(rex.database, { slug, name: slug, actor: 'system' })
    if (made.kind !== 'created') throw new Error('The slug is taken.')
    return made
  }
})
