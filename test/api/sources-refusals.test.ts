import { createHmac } from 'node:crypto'
import { METHODS } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { json, lead, sourceClient } from '../support/source-client.ts'
import { addSource, withSourceDoor } from '../support/source-door.ts'
import { runSql } from '../support/test-parts.ts'

let rex: TestHttp
const { rows, stored, post } = sourceClient(() => rex)

beforeAll(async () => {
  rex = await startTestHttp({ environment: { REX_TRUSTED_PROXIES: '127.0.0.0/8' }, replace: withSourceDoor })
})
afterAll(() => rex?.stop())

describe('the other requests', () => {
  it('answers GET and HEAD, handshakes and preflights', async () => {
    const source = await addSource(rex.database, { kind: 'SLACK', secrets: ['hush'] })
    const url = `${rex.url}/capture/${source.token}`
    expect((await fetch(url)).status).toBe(200)
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
    const shaken = await fetch(`${url}/?hub.challenge=42&hub.verify_token=hush`)
    expect([shaken.status, shaken.headers.get('content-type'), await shaken.text()]).toEqual([
      200,
      'text/plain; charset=utf-8',
      '42',
    ])
    expect((await fetch(`${url}?hub.challenge=42&hub.verify_token=guess`)).status).toBe(403)
    const posted = await fetch(url, { method: 'POST', body: '{"challenge":"abc"}' })
    expect([posted.status, await posted.text()]).toEqual([200, 'abc'])
    const preflight = await fetch(url, { method: 'OPTIONS', headers: { 'access-control-request-headers': 'x-other' } })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull()
    expect(await stored(source)).toEqual([])
  })

  it('answers 404 for an unknown token, with any method, and limits them by address but never a good one', async () => {
    const unknown = { token: `in_${'x'.repeat(24)}` }
    for (const method of METHODS.filter((each) => each !== 'CONNECT')) {
      const headers = { 'x-forwarded-for': '192.0.2.1' }
      const answer = await send(rex.url, { method, path: `/capture/${unknown.token}`, headers })
      expect([method, answer.status]).toEqual([method, 404])
    }
    for (const token of [`in_${'x'.repeat(300)}`, 'in_', 'webhooks', '%00', '..%2fcapture'])
      expect([token, (await post({ token }, '{}', json)).status]).toEqual([token, 404])
    const from = { ...json, 'x-forwarded-for': '192.0.2.7' }
    const statuses = new Set<number>()
    for (let nth = 0; nth < 320; nth++) statuses.add((await post(unknown, '{}', from)).status)
    expect([...statuses]).toEqual([404, 429])
    const source = await addSource(rex.database)
    expect((await post(source, lead('shared@example.com'), from)).status).toBe(200)
  })

  it('refuses a wrong signature with 401, keeps nothing, and counts it', async () => {
    const source = await addSource(rex.database, { kind: 'TYPEFORM', secrets: ['old', 'new'] })
    const body = lead('signed@example.com')
    const sign = (secret: string) => ({
      ...json,
      'typeform-signature': `sha256=${createHmac('sha256', secret).update(body).digest('base64')}`,
    })
    for (const headers of [json, sign('guess'), { ...json, 'typeform-signature': '' }]) {
      const answer = await post(source, body, headers)
      expect(answer).toMatchObject({ status: 401, json: { error: { code: 'unauthenticated' } } })
    }
    expect(await stored(source)).toEqual([])
    expect((await post(source, body, sign('old'))).json.data.status).toBe('accepted')
    expect((await post(source, body, sign('new'))).status).toBe(200)
    const counted = () => rows('select count::text as status from source_refusals where source_id = $1', [source.id])
    await eventually(
      async () => (await counted())[0]?.status === '3',
      async () => JSON.stringify(await counted()),
    )
    const received = () => rows('select id from source where id = $1 and last_received_at is not null', [source.id])
    await eventually(
      async () => (await received()).length === 1,
      () => 'no last_received_at',
    )
  })

  it('verifies a GENERIC source by the header that its user names', async () => {
    const source = await addSource(rex.database, { secrets: ['hush'], header: 'x-webhook-secret' })
    const body = lead('generic@example.com')
    const signature = createHmac('sha256', 'hush').update(body).digest('hex')
    expect((await post(source, body, json)).status).toBe(401)
    for (const value of ['hush', 'Bearer hush', `sha256=${signature}`, signature])
      expect((await post(source, body, { ...json, 'x-webhook-secret': value })).status).toBe(200)
    for (const value of ['hus', 'hush2', `sha256=${signature.slice(1)}`])
      expect((await post(source, body, { ...json, 'x-webhook-secret': value })).status).toBe(401)
  })

  it('refuses more than 512 KiB with 413, also after unpacking', async () => {
    const source = await addSource(rex.database)
    const large = JSON.stringify({ email: 'large@example.com', text: 'x'.repeat(512 * 1024) })
    expect((await post(source, large, json)).status).toBe(413)
    const bomb = gzipSync(Buffer.alloc(20_000_000, 'x'))
    expect((await post(source, bomb, { ...json, 'content-encoding': 'gzip' })).status).toBe(413)
    expect(await stored(source)).toEqual([])
    const fits = JSON.stringify({ email: 'fits@example.com', list: Array.from({ length: 60_000 }, () => 1.5) })
    expect((await post(source, fits, json)).json.data.status).toBe('accepted')
  })

  it('answers 503 with Retry-After while the database is away', async () => {
    const away = await startTestHttp({
      replace: (parts) => withSourceDoor(parts, { sources: { find: () => Promise.reject(connectionError()) } }),
    })
    const answer = await fetch(`${away.url}/capture/in_${'x'.repeat(24)}`, { method: 'POST', body: '{}' })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    await away.stop()
  })

  it('answers 503 with Retry-After while the queue is full, and takes what is sent again once', async () => {
    const full = await startTestHttp({ replace: withSourceDoor })
    const client = sourceClient(() => full)
    const source = await addSource(full.database)
    const lists = Array.from({ length: 7 }, (_, list) =>
      JSON.stringify(Array.from({ length: 900 }, (_, nth) => ({ email: `full-${list}-${nth}@example.com` }))),
    )
    const postOnce = (list: string) => client.post(source, list, json)
    const blocking = await full.database.inTransaction(async (tx) => {
      await runSql(tx, 'lock table submission in access exclusive mode')
      const sent = lists.map(postOnce)
      const first = await Promise.race(sent)
      return { first, sent }
    })
    expect([blocking.first.status, blocking.first.headers.get('retry-after')]).toEqual([503, '1'])
    const answers = await Promise.all(blocking.sent)
    expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([])
    for (const list of lists)
      await eventually(
        async () => (await postOnce(list)).status === 200,
        () => 'still refused',
      )
    const [counts] = await runSql<{ rows: number; emails: number }>(
      full.database,
      `select count(*)::int as rows, count(distinct fields->>'email')::int as emails from submission`,
    )
    expect(counts).toEqual({ rows: 7 * 900, emails: 7 * 900 })
    await full.stop()
  })

  it('shows the token in no line of the log and in no metric', async () => {
    const source = await addSource(rex.database)
    await post(source, lead('quiet@example.com'), { ...json, referer: `https://x.example/capture/${source.token}` })
    await post(source, 'x', { ...json, 'content-length': '1' }, '/more')
    const metrics = await (await fetch(`${rex.url}/metrics`)).text()
    expect(rex.logLines.some((line) => line.includes('/capture/:token'))).toBe(true)
    expect(rex.logLines.join('')).not.toContain(source.token)
    expect(metrics).not.toContain(source.token)
  })
})

describe('REX_SOURCE_RATE', () => {
  it('limits each source, whatever the address, with 429 and Retry-After', async () => {
    const limited = await startTestHttp({
      environment: { REX_SOURCE_RATE: '2/60', REX_CAPTURE_RATE: '1/60' },
      replace: withSourceDoor,
    })
    const source = await addSource(limited.database)
    const send = (token: string) =>
      fetch(`${limited.url}/capture/${token}`, { method: 'POST', body: lead(`${crypto.randomUUID()}@example.com`) })
    const statuses = [(await send(source.token)).status, (await send(source.token)).status]
    const refused = await send(source.token)
    expect([...statuses, refused.status]).toEqual([200, 200, 429])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await send((await addSource(limited.database)).token)).status).toBe(200)
    await limited.stop()
  })
})

function connectionError(): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
}
