import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDueStarts, type DueStart } from '../../src/delivery/queue/due-starts.ts'

const startOf = (endpoint_id: string, start_position = '1', workspace_id = 'ws_1'): DueStart => ({
  workspace_id,
  endpoint_id,
  start_at: '2026-11-30 05:00:00+00',
  start_position,
})

describe('the starts of what is due', () => {
  let now: number

  beforeEach(() => {
    now = 1000
    vi.useFakeTimers({ toFake: ['setTimeout'] }) // The cache reads its clock once in a millisecond.
    vi.spyOn(performance, 'now').mockImplementation(() => now)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })
  const pass = (ms: number) => {
    now += ms
    vi.advanceTimersByTime(ms)
  }

  it('are known to the next looks for a second', () => {
    const starts = createDueStarts()
    expect(starts.look().known).toEqual([])
    starts.look().found([startOf('wh_1')])
    pass(900)
    expect(starts.look().known).toEqual([startOf('wh_1')])
    pass(200)
    expect(starts.look().known).toEqual([])
  })

  it('last no longer for a look that has used them, however often', () => {
    const starts = createDueStarts()
    starts.look().found([startOf('wh_1')])
    for (let nth = 2; nth <= 5; nth++) {
      pass(220)
      starts.look().found([startOf('wh_1', String(nth))])
    }
    expect(starts.look().known).toEqual([startOf('wh_1', '5')])
    const late = starts.look()
    pass(220)
    late.found([startOf('wh_1', '6')])
    expect(starts.look().known).toEqual([])
  })

  it('last from the beginning of the look that has found them', () => {
    const starts = createDueStarts()
    const look = starts.look()
    pass(900)
    look.found([startOf('wh_1')])
    pass(200)
    expect(starts.look().known).toEqual([])
  })

  it('are those of the asked endpoints', () => {
    const starts = createDueStarts()
    starts.look().found([startOf('wh_1'), startOf('wh_2'), startOf('wh_1', '7', 'ws_2')])
    const asked = [
      { workspaceId: 'ws_2', endpointId: 'wh_1' },
      { workspaceId: 'ws_2', endpointId: 'wh_2' },
    ]
    expect(starts.look(asked).known).toEqual([startOf('wh_1', '7', 'ws_2')])
  })

  it('are forgotten one by one, and beyond a hundred those that were used least recently', () => {
    const starts = createDueStarts()
    starts.look().found(Array.from({ length: 101 }, (_, nth) => startOf(`wh_${nth}`)))
    starts.forget('ws_1', 'wh_7')
    const known = new Set(starts.look().known.map((start) => start.endpoint_id))
    expect(known.size).toBe(99)
    expect(known.has('wh_0')).toBe(false)
    expect(known.has('wh_7')).toBe(false)
  })
})
