import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { atMostEvery } from '../../src/platform/at-most-every.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('runs an action at once, and together for the calls within its interval', () => {
  const times: number[] = []
  const start = Date.now()
  const call = atMostEvery(100, () => times.push(Date.now() - start))
  call()
  expect(times).toEqual([0])
  vi.advanceTimersByTime(10)
  call()
  call()
  vi.advanceTimersByTime(89)
  expect(times).toEqual([0])
  vi.advanceTimersByTime(500)
  expect(times).toEqual([0, 100])
  call()
  expect(times).toEqual([0, 100, 599])
})
