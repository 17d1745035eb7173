import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createDueTimers } from '../../src/delivery/queue/due-timers.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function collectWakes() {
  const wakes: number[] = []
  const start = performance.now()
  return { wakes, timers: createDueTimers(() => wakes.push(Math.round(performance.now() - start))) }
}

it('wakes when each retry is due, once for those that are due together, and never early', () => {
  const { wakes, timers } = collectWakes()
  for (const ms of [1000, 1005, 4000, 90_000_000]) timers.add(ms) // The last one waits for a poll.
  vi.advanceTimersByTime(100_000)
  expect(wakes.length).toBeGreaterThanOrEqual(2)
  expect(wakes.length).toBeLessThanOrEqual(3)
  expect(wakes[0]).toBeGreaterThanOrEqual(1000)
  expect(wakes[0]).toBeLessThanOrEqual(1025)
  expect(wakes.at(-1)).toBeGreaterThanOrEqual(4000)
  expect(wakes.at(-1)).toBeLessThanOrEqual(4045)
})

it('holds a bounded number of timers, and none after its stop', () => {
  const { wakes, timers } = collectWakes()
  for (let nth = 0; nth < 10_000; nth++) timers.add(24_000 + (nth * 12_000) / 10_000)
  expect(vi.getTimerCount()).toBeLessThan(100)
  for (let nth = 0; nth < 100_000; nth++) timers.add(nth)
  expect(vi.getTimerCount()).toBeLessThanOrEqual(1000)
  timers.stop()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(600_000)
  expect(wakes).toEqual([])
})
