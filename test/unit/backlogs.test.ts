import { describe, expect, it } from 'vitest'
import { createBacklogs } from '../../src/delivery/plan/backlogs.ts'

describe('13.4: a workspace with a backlog', () => {
  const parts = () => {
    const clock = { ms: 0 }
    const backlogs = createBacklogs(() => clock.ms)
    return { clock, backlogs }
  }
  const claim = (counts: Readonly<Record<string, number>>) => new Map(Object.entries(counts))

  it('is sent at full speed while no other workspace has something to send', () => {
    const { backlogs } = parts()
    backlogs.recordBehind('ws_wide')
    for (let nth = 0; nth < 100; nth++) expect(backlogs.recordClaim(claim({ ws_wide: 50 }), 5)).toEqual(new Map())
    expect(backlogs.windowOf('ws_wide')).toBe(Number.POSITIVE_INFINITY)
    expect(backlogs.hasActiveOthers('ws_wide')).toBe(false)
  })

  it('rests after each claim while another one is active, and takes small turns', () => {
    const { clock, backlogs } = parts()
    backlogs.recordBehind('ws_wide')
    backlogs.recordClaim(claim({ ws_other: 1 }), 5)
    expect(backlogs.hasActiveOthers('ws_wide')).toBe(true)
    expect(backlogs.windowOf('ws_wide')).toBe(16)
    expect(backlogs.windowOf('ws_other')).toBe(Number.POSITIVE_INFINITY)
    expect(backlogs.recordClaim(claim({ ws_wide: 16, ws_other: 1 }), 8)).toEqual(new Map([['ws_wide', 192]]))
    expect(backlogs.windowOf('ws_wide')).toBe(0)
    clock.ms += 192
    expect(backlogs.windowOf('ws_wide')).toBe(16)
  })

  it('goes back to full speed half a second after the last delivery of another one', () => {
    const { clock, backlogs } = parts()
    backlogs.recordBehind('ws_wide')
    backlogs.recordClaim(claim({ ws_other: 1 }), 5)
    clock.ms += 500
    expect(backlogs.windowOf('ws_wide')).toBe(Number.POSITIVE_INFINITY)
  })

  it('is recognised by its large claims, also without a fan-out that is behind', () => {
    const { backlogs } = parts()
    for (let nth = 0; nth < 20; nth++) backlogs.recordClaim(claim({ ws_replay: 50 }), 5)
    backlogs.recordClaim(claim({ ws_other: 1 }), 5)
    expect(backlogs.windowOf('ws_replay')).toBe(16)
  })

  it('is recognised also while some of its new deliveries are leased at once, which makes it neither active nor rest', () => {
    const { clock, backlogs } = parts()
    for (let nth = 0; nth < 20; nth++) {
      backlogs.recordClaim(claim({ ws_replay: 50 }), 5)
      backlogs.recordLeased(['ws_replay'])
    }
    clock.ms += 500
    backlogs.recordLeased(['ws_replay'])
    expect(backlogs.hasActiveOthers('ws_other')).toBe(false)
    backlogs.recordLeased(['ws_other', 'ws_other'])
    expect(backlogs.hasActiveOthers('ws_replay')).toBe(true)
    expect(backlogs.windowOf('ws_replay')).toBe(16)
    backlogs.recordLeased(['ws_replay'])
    expect(backlogs.windowOf('ws_replay')).toBe(16)
    expect(backlogs.windowOf('ws_other')).toBe(Number.POSITIVE_INFINITY)
  })

  it('has none any more when its claims have been small for a while', () => {
    const { clock, backlogs } = parts()
    backlogs.recordBehind('ws_wide')
    clock.ms += 2000
    backlogs.recordClaim(claim({ ws_wide: 3, ws_other: 1 }), 5)
    expect(backlogs.windowOf('ws_wide')).toBe(Number.POSITIVE_INFINITY)
  })

  it('does not rest for what it sent itself before', () => {
    const { backlogs } = parts()
    for (let nth = 0; nth < 30; nth++) expect(backlogs.recordClaim(claim({ ws_replay: 50 }), 5)).toEqual(new Map())
    expect(backlogs.windowOf('ws_replay')).toBe(Number.POSITIVE_INFINITY)
  })

  it('does not rest for another one with a backlog', () => {
    const { clock, backlogs } = parts()
    backlogs.recordBehind('ws_1')
    backlogs.recordBehind('ws_2')
    for (let nth = 0; nth < 10; nth++) {
      expect(backlogs.recordClaim(claim({ ws_1: 25, ws_2: 25 }), 5)).toEqual(new Map())
      clock.ms += 100
    }
  })
})
