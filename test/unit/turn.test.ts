import { describe, expect, it } from 'vitest'
import { createTurns, planAttempts } from '../../src/delivery/queue/turn.ts'

const leasedMs = 30_000

describe('11.1: the attempts of a claim', () => {
  const claimed = (...workspaceIds: string[]) => workspaceIds.map((workspaceId, nth) => ({ workspaceId, nth }))

  it('start and are settled at once for a workspace that does not rest', () => {
    const planned = planAttempts(claimed('ws_1', 'ws_2'), new Map(), leasedMs)
    expect(planned.map(({ startMs, settleMs }) => [startMs, settleMs])).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  it('are spread over the rest of their workspace, and settled together within it', () => {
    const planned = planAttempts(
      claimed('ws_wide', 'ws_other', 'ws_wide', 'ws_wide', 'ws_wide'),
      new Map([['ws_wide', 100]]),
      leasedMs,
    )
    const timesOf = (workspaceId: string) =>
      planned.filter(({ delivery }) => delivery.workspaceId === workspaceId).map(({ startMs }) => startMs)
    expect(timesOf('ws_wide')).toEqual([0, 20, 40, 60])
    expect(timesOf('ws_other')).toEqual([0])
    expect(new Set(planned.map(({ delivery, settleMs }) => `${delivery.workspaceId} ${settleMs}`))).toEqual(
      new Set(['ws_wide 80', 'ws_other 0']),
    )
  })

  it('keep the order of the claim within a workspace', () => {
    const planned = planAttempts(claimed('ws_2', 'ws_1', 'ws_2', 'ws_1'), new Map([['ws_2', 50]]), leasedMs)
    const orderOf = (workspaceId: string) =>
      planned.filter(({ delivery }) => delivery.workspaceId === workspaceId).map(({ delivery }) => delivery.nth)
    expect([orderOf('ws_1'), orderOf('ws_2')]).toEqual([
      [1, 3],
      [0, 2],
    ])
  })

  it('are spread over a tenth of their lease at most', () => {
    const planned = planAttempts(claimed('ws_wide', 'ws_wide'), new Map([['ws_wide', 1000]]), 500)
    expect(planned.map(({ startMs, settleMs }) => [startMs, settleMs])).toEqual([
      [0, 50],
      [25, 50],
    ])
    const [late] = planAttempts(claimed('ws_wide'), new Map([['ws_wide', 1000]]), -1)
    expect(late).toMatchObject({ startMs: 0, settleMs: 0 })
  })
})

describe('turns', () => {
  const hourMs = 3_600_000

  it('make an attempt and return its result', async () => {
    const attempt = async (delivery: string) => `${delivery} was sent`
    expect(await createTurns().attempt({ delivery: 'dlv_1', startMs: 0, settleMs: 0, leasedMs: hourMs }, attempt)).toBe(
      'dlv_1 was sent',
    )
  })

  it('that are ended settle what was attempted, and do not attempt what waits for its start', async () => {
    const turns = createTurns()
    const attempted: string[] = []
    const attempt = async (delivery: string) => {
      attempted.push(delivery)
      return delivery
    }
    const both = Promise.all([
      turns.attempt({ delivery: 'dlv_1', startMs: 0, settleMs: hourMs, leasedMs: hourMs }, attempt),
      turns.attempt({ delivery: 'dlv_2', startMs: hourMs, settleMs: hourMs, leasedMs: hourMs }, attempt),
    ])
    turns.end()
    expect(await both).toEqual(['dlv_1', undefined])
    for (const startMs of [hourMs, 0])
      expect(
        await turns.attempt({ delivery: 'dlv_3', startMs, settleMs: hourMs, leasedMs: hourMs }, attempt),
      ).toBeUndefined()
    expect(attempted).toEqual(['dlv_1'])
  })

  it('do not attempt what another worker may have claimed meanwhile', async () => {
    const attempt = async (delivery: string) => delivery
    const late = { delivery: 'dlv_1', startMs: 20, settleMs: 20, leasedMs: 10 }
    const claimedTooSlowly = { delivery: 'dlv_1', startMs: 0, settleMs: 0, leasedMs: -1 }
    for (const planned of [late, claimedTooSlowly])
      expect(await createTurns().attempt(planned, attempt)).toBeUndefined()
  })

  it('return results in the order of the attempts', async () => {
    const turns = createTurns()
    const returned: number[] = []
    const each = Array.from({ length: 16 }, (_, nth) => ({ delivery: nth, startMs: nth * 2.3, settleMs: 60, leasedMs }))
    await Promise.all(
      each.map((planned) => turns.attempt(planned, async (nth) => nth).then((nth) => returned.push(nth ?? -1))),
    )
    expect(returned).toEqual(each.map(({ delivery }) => delivery))
  })
})
