import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/delivery/attempt/attempt.ts'
import { nextStep } from '../../src/delivery/queue/retry-schedule.ts'

const schedule = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
const now = new Date('2026-03-16T12:00:00.000Z')
const middle = () => 0.5
const fresh = { retryCount: 0, throttleCount: 0 }

const refused = (status: number, retryAfter: string | null = null): Outcome => ({
  kind: 'refused',
  status,
  error: 'HTTP_STATUS',
  retryAfter,
})
const timedOut: Outcome = { kind: 'unreachable', error: 'TIMEOUT' }
const step = (outcome: Outcome, state = fresh, random = middle) => nextStep(state, outcome, schedule, random, now)

describe('an answer that settles a delivery', () => {
  it('ends with success on 2xx', () => {
    expect(step({ kind: 'accepted', status: 204 })).toEqual({ kind: 'succeeded' })
  })

  it('gives the endpoint up on 410, even when it names a time', () => {
    expect(step(refused(410, '5'))).toEqual({ kind: 'endpointGone' })
  })
})

describe('the schedule', () => {
  it('waits 5 s after the first failure, each longer after that, and fails when it is used up', () => {
    const steps = schedule.map((_, retryCount) => step(timedOut, { retryCount, throttleCount: 0 }))
    const waits = schedule.slice(1).map((delaySeconds) => ({ kind: 'retry', delaySeconds, usesRetry: true }))
    expect(steps).toEqual([...waits, { kind: 'failed' }])
  })

  it('is used for everything that is not 2xx, 410 or a wait that was asked for', () => {
    const redirect: Outcome = { kind: 'refused', status: 302, error: 'REDIRECT', retryAfter: '9' }
    for (const outcome of [refused(500), refused(404), refused(429), redirect, refused(500, '9'), timedOut]) {
      expect(step(outcome)).toEqual({ kind: 'retry', delaySeconds: 5, usesRetry: true })
    }
  })

  it('fails after the only attempt of a schedule of one', () => {
    expect(nextStep(fresh, timedOut, [0], middle, now)).toEqual({ kind: 'failed' })
  })

  it('spreads its waits by 20 % to either side', () => {
    const state = { retryCount: 1, throttleCount: 0 }
    expect(step(timedOut, state, () => 0)).toMatchObject({ delaySeconds: 240 })
    expect(step(timedOut, state, () => 0.75)).toMatchObject({ delaySeconds: 330 })
    expect(step(timedOut, state, () => 1)).toMatchObject({ delaySeconds: expect.closeTo(360) })
  })
})

describe('Retry-After', () => {
  const waits = (value: string, status = 429) => step(refused(status, value), { retryCount: 3, throttleCount: 2 })
  const asked = (delaySeconds: number) => ({ kind: 'retry', delaySeconds, usesRetry: false })

  it.each([429, 503])('is waited for after a %i, unspread, and uses up no retry', (status) => {
    expect(waits('120', status)).toEqual(asked(120))
  })

  it.each([
    ['an IMF date', 'Mon, 16 Mar 2026 12:01:30 GMT', 90],
    ['an RFC 850 date', 'Monday, 16-Mar-26 12:01:30 GMT', 90],
    ['an asctime date', 'Mon Mar 16 12:01:30 2026', 90],
    ['a date that has passed', 'Mon, 16 Mar 2026 11:00:00 GMT', 0],
    ['spaces around it', ' 7 ', 7],
    ['no wait at all', '0', 0],
    ['more than 24 hours', '90000', 86_400],
    ['a number beyond all bounds', '9'.repeat(400), 86_400],
    ['a date of next year', 'Tue, 16 Mar 2027 12:00:00 GMT', 86_400],
  ])('takes %s', (_, value, seconds) => {
    expect(waits(value)).toEqual(asked(seconds))
  })

  it.each([
    '',
    'soon',
    '1.5',
    '-5',
    '+5',
    '5s',
    '1e3',
    '2026-03-16T12:01:30Z',
    'Mon, 16 Mar 2026 12:01:30',
    'Mon, 99 Mar 2026 12:01:30 GMT',
  ])('is ignored when it is no wait: %j', (value) => {
    expect(waits(value)).toMatchObject({ usesRetry: true })
  })

  it('is honoured 20 times and then the schedule goes on', () => {
    expect(step(refused(503, '1'), { retryCount: 0, throttleCount: 19 })).toEqual(asked(1))
    expect(step(refused(503, '1'), { retryCount: 0, throttleCount: 20 })).toMatchObject({
      delaySeconds: 5,
      usesRetry: true,
    })
  })
})
