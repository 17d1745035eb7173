import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { rateOfEmail, rateOfWorkspace } from '../../src/capture/rate-limits.ts'
import { AppError } from '../../src/platform/errors.ts'
import { createKeyFailures } from '../../src/workspaces/key-failures.ts'
import type { Viewer } from '../../src/workspaces/viewer.ts'
import { testRates } from '../support/test-rates.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a limit in memory', () => {
  const limit = () => testRates()('test', { count: 3, seconds: 10 })

  it('allows its count, tells what is left, and refuses the rest', async () => {
    const { consume } = limit()
    const taken = [await consume('a'), await consume('a'), await consume('a'), await consume('a')]
    expect(taken.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false])
    expect(taken.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0])
  })

  it('counts each key apart, and points as they are', async () => {
    const { consume } = limit()
    expect(await consume('a', 3)).toMatchObject({ isAllowed: true, remaining: 0 })
    expect(await consume('b', 4)).toMatchObject({ isAllowed: false })
    expect(await consume('c')).toMatchObject({ isAllowed: true, remaining: 2 })
  })

  it('begins anew when its time is over, which it tells in seconds that are enough', async () => {
    const { consume } = limit()
    await consume('a', 4)
    vi.advanceTimersByTime(3500)
    expect(await consume('a')).toEqual({ isAllowed: false, remaining: 0, resetSeconds: 7 })
    vi.advanceTimersByTime(6499)
    expect(await consume('a')).toMatchObject({ isAllowed: false, resetSeconds: 1 })
    vi.advanceTimersByTime(1)
    expect(await consume('a')).toEqual({ isAllowed: true, remaining: 2, resetSeconds: 10 })
  })

  it('keeps no more than so many callers in memory', async () => {
    const { consume } = limit()
    await consume('first', 4)
    for (let nth = 0; nth < 100_000; nth++) await consume(`other ${nth}`)
    expect(await consume('first')).toMatchObject({ isAllowed: true })
  })
})

describe('the limits of anonymous captures', () => {
  it('are of a workspace a hundred addresses at their limit, and never less than 6,000 a minute', () => {
    expect(rateOfWorkspace({ count: 60, seconds: 60 })).toEqual({ count: 6000, seconds: 60 })
    expect(rateOfWorkspace({ count: 5, seconds: 3600 })).toEqual({ count: 6000, seconds: 60 })
    expect(rateOfWorkspace({ count: 100, seconds: 1 })).toEqual({ count: 600_000, seconds: 60 })
  })

  it('are of an e-mail the pace of one address, over ten times the time', () => {
    expect(rateOfEmail({ count: 60, seconds: 60 })).toEqual({ count: 600, seconds: 600 })
  })
})

describe('wrong keys', () => {
  const viewer: Viewer = { workspaceId: 'ws_1', apiKeyId: 'key_1', scopes: new Set(), expiresAt: null }
  const good = async () => viewer
  const wrong = async () => {
    throw new AppError('unauthenticated', 'no')
  }
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'accepted',
      (error: AppError) => error.code,
    )

  /** An address that has tried all that it may. */
  const exhausted = async () => {
    const failures = createKeyFailures(testRates())
    const watch = (key: string, authenticate: () => Promise<Viewer>, network = '203.0.113.7') =>
      codeOf(failures.watch({ key, network }, authenticate))
    await watch('known-key', good)
    const codes = new Set<string>()
    for (let nth = 0; nth < 1000; nth++) codes.add(await watch(`guess-${nth}`, wrong))
    expect([...codes]).toEqual(['unauthenticated'])
    return watch
  }

  it('are refused with rate_limited after a thousand in a minute, unlooked at, the right one too', async () => {
    const watch = await exhausted()
    const looked = vi.fn(good)
    expect(await watch('the-right-guess', looked)).toBe('rate_limited')
    expect(looked).not.toHaveBeenCalled()
  })

  it('stop neither a key that was good from there lately, nor other addresses', async () => {
    const watch = await exhausted()
    expect(await watch('known-key', good)).toBe('accepted')
    expect(await watch('any-key', good, '203.0.113.8')).toBe('accepted')
  })

  it('11.15: of a /56 are four thousand, so that a household with 256 /64s guesses no faster', async () => {
    const failures = createKeyFailures(testRates())
    const watch = (network: string, authenticate: () => Promise<Viewer>) =>
      codeOf(failures.watch({ key: 'guess', network }, authenticate))
    for (let nth = 0; nth < 4000; nth++)
      expect(await watch(`20010db80001000${nth % 8}::/64`, wrong)).toBe('unauthenticated')
    expect(await watch('20010db800010099::/64', good)).toBe('rate_limited')
    expect(await watch('20010db800010199::/64', good)).toBe('accepted')
  })

  it('may be tried again after the minute', async () => {
    const watch = await exhausted()
    vi.advanceTimersByTime(60_000)
    expect(await watch('the-right-guess', good)).toBe('accepted')
  })
})
