import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { send } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'

describe('anonymous captures', () => {
  let http: TestHttp
  let address = ''
  let addresses = 0

  beforeAll(async () => {
    const environment = { REX_CAPTURE_RATE: '3/60', REX_TRUSTED_PROXIES: '127.0.0.0/8', REX_KEY_RATE: '0' }
    http = await startTestHttp({ environment })
  })

  afterAll(() => http?.stop())

  beforeEach(() => {
    address = `203.0.113.${addresses++}`
  })

  const post = (headers: Readonly<Record<string, string>> = {}, body = '{"email":"jane@example.com"}') =>
    send(http.url, {
      method: 'POST',
      path: '/capture',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address, ...headers },
      body,
    })
  const exhaust = async () => {
    for (let nth = 0; nth < 3; nth++) expect((await post()).status).toBe(201)
  }

  it('are taken so many times, told what is left, and then refused in the form of every error', async () => {
    const first = await post()
    expect(first.headers).toMatchObject({ 'ratelimit-policy': '"address";q=3;w=60', ratelimit: '"address";r=2;t=60' })
    await post()
    expect((await post()).headers['ratelimit']).toMatch(/^"address";r=0;t=\d+$/)
    const refused = await post()
    expect(refused).toMatchObject({ status: 429, json: { error: { code: 'rate_limited' } } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60)
    expect(refused.headers['ratelimit']).toBe(`"address";r=0;t=${refused.headers['retry-after']}`)
    expect(refused.headers['access-control-allow-origin']).toBe('*')
    expect(refused.headers['access-control-expose-headers']).toContain('ratelimit')
  })

  it('of a form are refused with a page', async () => {
    await exhaust()
    const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
    const refused = await post(form, 'email=jane%40example.com')
    expect(refused).toMatchObject({ status: 429, headers: { 'content-type': 'text/html; charset=utf-8' } })
    expect(refused.headers['retry-after']).toMatch(/^\d+$/)
  })

  it('are counted by the address that the proxy saw, whatever the caller says came before', async () => {
    await exhaust()
    const seen = `203.0.113.${addresses - 1}`
    expect((await post({ 'x-forwarded-for': `198.51.100.9, ${seen}` })).status).toBe(429)
    expect((await post({ 'x-forwarded-for': `${seen}, 198.51.100.9` })).status).toBe(201)
  })

  it('are counted by the /64 of an IPv6 address', async () => {
    for (let nth = 1; nth <= 3; nth++) expect((await post({ 'x-forwarded-for': `2001:db8::${nth}` })).status).toBe(201)
    expect((await post({ 'x-forwarded-for': '2001:db8:0:0:ffff::4' })).status).toBe(429)
    expect((await post({ 'x-forwarded-for': '2001:db8:0:1::1' })).status).toBe(201)
  })

  it('11.15: of a /56 are four times as many, and of a /48 sixteen times', async () => {
    const from = (subnet: number) => post({ 'x-forwarded-for': `2001:db8:48:${subnet.toString(16)}::1` })
    for (let nth = 0; nth < 12; nth++) expect((await from(nth % 6)).status).toBe(201)
    const refused = await from(7)
    expect(refused).toMatchObject({ status: 429, json: { error: { code: 'rate_limited' } } })
    expect(refused.headers['ratelimit-policy']).toBe('"address-56";q=12;w=60')
    expect(refused.headers['ratelimit']).toBe(`"address-56";r=0;t=${refused.headers['retry-after']}`)
    for (let nth = 0; nth < 36; nth++) expect((await from(0x1_00 + 0x1_00 * nth)).status).toBe(201)
    expect(await from(0xff_00)).toMatchObject({
      status: 429,
      headers: { 'ratelimit-policy': '"address-48";q=48;w=60' },
    })
    expect((await post({ 'x-forwarded-for': '2001:db8:49::1' })).status).toBe(201)
  })

  it('11.15: of a /64 that is refused use up nothing of the /56 around it', async () => {
    const from = (subnet: number) => post({ 'x-forwarded-for': `2001:db8:50:${subnet.toString(16)}::1` })
    for (let nth = 0; nth < 20; nth++) await from(0)
    expect((await from(1)).headers['ratelimit']).toMatch(/^"address";r=2;/)
  })

  it('11.15: of IPv4 through a translator are counted by the IPv4 address', async () => {
    for (let nth = 0; nth < 3; nth++)
      expect((await post({ 'x-forwarded-for': '64:ff9b::198.51.100.20' })).status).toBe(201)
    expect((await post({ 'x-forwarded-for': '::ffff:198.51.100.20' })).status).toBe(429)
    expect((await post({ 'x-forwarded-for': '64:ff9b::198.51.100.21' })).status).toBe(201)
  })

  it('are refused before they are parsed, and after their size, type and workspace are looked at', async () => {
    await exhaust()
    expect((await post({}, '{')).status).toBe(429)
    expect((await post({ 'content-type': 'text/csv' })).status).toBe(415)
    expect((await post({}, 'x'.repeat(70_000))).status).toBe(413)
    expect((await post({ host: 'nobody.localhost' })).status).toBe(404)
    expect((await post({ 'x-api-key': 'wrong-key-wrong-key' })).status).toBe(401)
  })

  it('that are wrong count like others', async () => {
    for (let nth = 0; nth < 3; nth++) expect((await post({}, '{')).status).toBe(400)
    expect((await post()).status).toBe(429)
  })

  it('11.15: of one e-mail from a crowd of addresses are held above its budget, never refused', async () => {
    const email = '{"email":"famous@example.com"}'
    const crowd = (nth: number) => ({ 'x-forwarded-for': `198.51.100.${100 + nth}` })
    for (let nth = 0; nth < 31; nth++)
      expect(await post(crowd(nth), email)).toMatchObject({ status: 201, headers: { ratelimit: '"address";r=2;t=60' } })
    const rows = await http.database.query({
      name: '',
      text: `select status, spam_reasons as reasons, count(*)::int from submission
             where fields ->> 'email' = 'famous@example.com' group by 1, 2 order by 1`,
    })
    expect(rows).toEqual([
      { status: 'ACCEPTED', reasons: [], count: 30 },
      { status: 'HELD', reasons: ['over_budget'], count: 1 },
    ])
  })

  it('with a CAPTURE key are none', async () => {
    for (let nth = 0; nth < 5; nth++) {
      const { status, headers } = await post({ 'x-api-key': http.key })
      expect([status, headers['ratelimit']]).toEqual([201, undefined])
    }
  })
})

describe('without a limit', () => {
  it('captures are taken as they come', async () => {
    const http = await startTestHttp({ environment: { REX_CAPTURE_RATE: '0' } })
    const headers = { 'content-type': 'application/json' }
    const body = '{"email":"jane@example.com"}'
    for (let nth = 0; nth < 70; nth++) {
      const answer = await send(http.url, { method: 'POST', path: '/capture', headers, body })
      expect([answer.status, answer.headers['ratelimit']]).toEqual([201, undefined])
    }
    await http.stop()
  })
})

describe('by default', () => {
  it('an address captures sixty times a minute, of one person or of many', async () => {
    const http = await startTestHttp({ environment: { REX_CAPTURE_RATE: '' } })
    const headers = { 'content-type': 'application/json' }
    const body = '{"email":"jane@example.com"}'
    const statuses: number[] = []
    for (let nth = 0; nth < 61; nth++)
      statuses.push((await send(http.url, { method: 'POST', path: '/capture', headers, body })).status)
    expect(statuses).toEqual([...Array(60).fill(201), 429])
    await http.stop()
  })
})
