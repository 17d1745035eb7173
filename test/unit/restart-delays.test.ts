import { expect, it } from 'vitest'
import { createRestartDelays } from '../../src/app/cluster/restart-delays.ts'

it('doubles the delay while processes keep ending, up to 30 s, and begins anew after a minute', () => {
  let now = 0
  const delays = createRestartDelays(() => now)
  const seen = Array.from({ length: 11 }, () => {
    now += 20_000
    return delays.next()
  })
  expect(seen).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
  now += 60_001
  expect(delays.next()).toBe(100)
})
