import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCaptureLimits } from '../../src/capture/rate-limits.ts'
import type { RateLimiter } from '../../src/platform/limits/rate-limit.ts'
import { type Received, sendJson } from '../support/http-client.ts'
import { startTestHttp, type TestHttp } from '../support/http-parts.ts'
import { runSql } from '../support/test-parts.ts'
import { testRates } from '../support/test-rates.ts'

/** Budgets of a size that a test can use up; an address may capture 1,000 times. */
const budgets: Readonly<Record<string, number>> = { workspace: 5, screened: 3, email: 4 }

function smallRates(): RateLimiter {
  const rates = testRates()
  return (name, rate) => rates(name, { ...rate, count: budgets[name] ?? rate.count })
}

let counted = 0
const newEmail = (domain = 'example.com') => `budget-${++counted}@${domain}`

describe('11.15: budgets of anonymous captures', () => {
  let rex: TestHttp

  beforeEach(async () => {
    rex = await startTestHttp({
      replace: (parts) => ({
        ...parts,
        captureLimits: createCaptureLimits(smallRates(), { count: 1000, seconds: 60 }),
      }),
    })
  })
  afterEach(() => rex.stop())

  const post = async (fields: Readonly<Record<string, unknown>>, headers = {}): Promise<Received> => {
    const answer = await sendJson(rex.url, '/capture', fields, headers)
    expect(answer.status).toBe(201)
    return answer
  }
  const flood = async (count: number, fields: Readonly<Record<string, unknown>> = {}) => {
    for (let nth = 0; nth < count; nth++) await post({ email: newEmail(), ...fields })
  }
  const stored = (email: string) =>
    runSql<{ status: string; reasons: string[] }>(
      rex.database,
      `select status, spam_reasons as reasons from submission where fields ->> 'email' = $1 order by id`,
      [email],
    )

  it('above the workspace’s, captures are held, answered alike, and told apart by nothing', async () => {
    const accepted = await post({ email: newEmail(), first_name: ' Jane ', source: 'ads' })
    await flood(4)
    const email = newEmail()
    const held = await post({ email, first_name: ' Jane ', source: 'ads' })
    expect(await stored(email)).toEqual([{ status: 'HELD', reasons: ['over_budget'] }])
    expect(shapeOf(held)).toEqual(shapeOf(accepted))
    expect(held.json.data).toMatchObject({ email, first_name: 'Jane', source: 'ads', stage: 'lead' })
  })

  it('honeypot posts use up nothing of what people need', async () => {
    await flood(20, { _gotcha: 'x' })
    const email = newEmail()
    await post({ email })
    expect(await stored(email)).toEqual([{ status: 'ACCEPTED', reasons: [] }])
  })

  it('screened captures above their own keep their reasons and their status', async () => {
    await flood(3, { _gotcha: 'x' })
    const spam = newEmail()
    const disposable = newEmail('mailinator.com')
    await post({ email: spam, _gotcha: 'x' })
    await post({ email: disposable })
    expect(await stored(spam)).toEqual([{ status: 'SPAM', reasons: ['honeypot', 'over_budget'] }])
    expect(await stored(disposable)).toEqual([{ status: 'HELD', reasons: ['disposable_domain', 'over_budget'] }])
  })

  it('above the e-mail’s, captures are held, and use up nothing of the workspace’s', async () => {
    const famous = newEmail()
    await flood(10, { email: famous })
    const statuses = (await stored(famous)).map(({ status }) => status)
    expect(statuses).toEqual([...Array(4).fill('ACCEPTED'), ...Array(6).fill('HELD')])
    const other = newEmail()
    await post({ email: other })
    expect(await stored(other)).toEqual([{ status: 'ACCEPTED', reasons: [] }])
  })

  it('screened captures of an e-mail use up nothing of its budget', async () => {
    const victim = newEmail()
    await flood(10, { email: victim, _gotcha: 'x' })
    await post({ email: victim })
    expect((await stored(victim)).at(-1)).toEqual({ status: 'ACCEPTED', reasons: [] })
  })

  it('count nothing with a CAPTURE key', async () => {
    const email = newEmail()
    for (let nth = 0; nth < 10; nth++) await post({ email }, { 'x-api-key': rex.key })
    expect(new Set((await stored(email)).map(({ status }) => status))).toEqual(new Set(['ACCEPTED']))
  })

  it('are not refused when the same Idempotency-Key comes again above them', async () => {
    const email = newEmail()
    const first = await post({ email }, { 'idempotency-key': 'order-1' })
    await flood(10)
    const again = await post({ email }, { 'idempotency-key': 'order-1' })
    expect(again.json).toEqual(first.json)
    expect(await stored(email)).toHaveLength(1)
  })
})

/** An answer without what differs between any two captures. */
function shapeOf({ status, headers, json }: Received) {
  const { date: _date, 'x-request-id': _id, ratelimit: _left, ...said } = headers
  return { status, said: { ...said, 'content-length': undefined }, fields: Object.keys(json.data ?? {}) }
}
