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
    expect(starts.beginLook().known).toEqual([])
    starts.beginLook().record([startOf('wh_1')])
    pass(900)
    expect(starts.beginLook().known).toEqual([startOf('wh_1')])
    pass(200)
    expect(starts.beginLook().known).toEqual([])
  })

  it('last no longer for a look that has used them, however often', () => {
    const starts = createDueStarts()
    starts.beginLook().record([startOf('wh_1')])
    for (let nth = 2; nth <= 5; nth++) {
      pass(220)
      starts.beginLook().record([startOf('wh_1', String(nth))])
    }
    expect(starts.beginLook().known).toEqual([startOf('wh_1', '5')])
    const late = starts.beginLook()
    pass(220)
    late.record([startOf('wh_1', '6')])
    expect(starts.beginLook().known).toEqual([])
  })

  it('last from the beginning of the look that has found them', () => {
    const starts = createDueStarts()
    const look = starts.beginLook()
    pass(900)
    look.record([startOf('wh_1')])
    pass(200)
    expect(starts.beginLook().known).toEqual([])
  })

  it('are those of the asked endpoints', () => {
    const starts = createDueStarts()
    starts.beginLook().record([startOf('wh_1'), startOf('wh_2'), startOf('wh_1', '7', 'ws_2')])
    const asked = [
      { workspaceId: 'ws_2', endpointId: 'wh_1' },
      { workspaceId: 'ws_2', endpointId: 'wh_2' },
    ]
    expect(starts.beginLook(asked).known).toEqual([startOf('wh_1', '7', 'ws_2')])
  })

  it('are those of the last look that has used none', () => {
    const starts = createDueStarts()
    starts.beginLook().record([startOf('wh_1', '5')])
    const late = starts.beginLook()
    pass(1100)
    starts.beginLook().record([startOf('wh_1', '2')])
    late.record([startOf('wh_1', '9')])
    expect(starts.beginLook().known).toEqual([startOf('wh_1', '2')])
  })

  it('are not those of a look during which the endpoint was forgotten', () => {
    const starts = createDueStarts()
    const look = starts.beginLook()
    starts.forget('ws_1', 'wh_1')
    look.record([startOf('wh_1')])
    expect(starts.beginLook().known).toEqual([])
  })

  it('are forgotten one by one, and beyond a hundred those that were found first', () => {
    const starts = createDueStarts()
    starts.beginLook().record(Array.from({ length: 100 }, (_, nth) => startOf(`wh_${nth}`)))
    starts.beginLook([{ workspaceId: 'ws_1', endpointId: 'wh_100' }]).record([startOf('wh_100')])
    starts.forget('ws_1', 'wh_7')
    const known = new Set(starts.beginLook().known.map((start) => start.endpoint_id))
    expect(known.size).toBe(99)
    expect(known.has('wh_0')).toBe(false)
    expect(known.has('wh_7')).toBe(false)
  })
})
