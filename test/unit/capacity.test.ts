import { describe, expect, it } from 'vitest'
import { divideClaim } from '../../src/delivery/plan/shares.ts'
import { createPace } from '../../src/delivery/plan/workspace-limits.ts'
import { createCapacity } from '../../src/delivery/queue/slots/capacity.ts'

const noBacklogs = { windowOf: () => Number.POSITIVE_INFINITY }

describe('11.1: the room of a worker', () => {
  const takeAll = (room: ReturnType<typeof createCapacity>, workspaceId: string) => {
    let taken = 0
    while (room.allowanceOf(workspaceId).places > 0) {
      room.acquire(workspaceId)
      taken++
    }
    return taken
  }

  it('gives a workspace half of it, the next one half of the rest, and always leaves some', () => {
    const room = createCapacity(() => undefined, { window: 4000 }, noBacklogs)
    expect([1, 2, 3].map((nth) => takeAll(room, `ws_${nth}`))).toEqual([200, 100, 50])
    expect(room.free).toBe(50)
  })

  it('does not claim for a workspace that rests when capacity is free again', () => {
    let window = 0
    let wakes = 0
    const room = createCapacity(() => wakes++, { window: 4000 }, { windowOf: () => window })
    const release = room.acquire('ws_1')
    expect(room.allowanceOf('ws_1').places).toBe(0)
    release()
    expect(wakes).toBe(0)
    window = 1
    const releaseTurn = room.acquire('ws_1')
    expect(room.allowanceOf('ws_1').places).toBe(0)
    releaseTurn()
    expect(wakes).toBe(1)
  })

  it('gives a workspace no more than the pace, which follows how long claims take', () => {
    const pace = createPace()
    pace.recordClaim(5)
    for (let nth = 0; nth < 20; nth++) pace.recordClaim(100)
    expect(
      takeAll(
        createCapacity(() => undefined, pace, noBacklogs),
        'ws_1',
      ),
    ).toBe(50)
    for (let nth = 0; nth < 4; nth++) pace.recordClaim(5)
    expect(
      takeAll(
        createCapacity(() => undefined, pace, noBacklogs),
        'ws_1',
      ),
    ).toBe(82)
    for (let nth = 0; nth < 1000; nth++) pace.recordClaim(5)
    expect(
      takeAll(
        createCapacity(() => undefined, pace, noBacklogs),
        'ws_1',
      ),
    ).toBe(200)
  })

  it('says when there is room again for one that found none, once', () => {
    let calls = 0
    const room = createCapacity(() => calls++, { window: 4000 }, noBacklogs)
    const leave = room.acquire('ws_1')
    takeAll(room, 'ws_1')
    leave()
    expect(calls).toBe(1)
    room.acquire('ws_2')()
    expect(calls).toBe(1)
  })
})

describe('11.1: the shares of a claim', () => {
  const busy = (workspace_id: string, endpoint_id: string, places = 10) => ({
    workspace_id,
    endpoint_id,
    in_flight: 0,
    places,
    start_at: '-infinity',
    start_position: '0',
  })
  const all = () => ({ inFlight: 0, places: 400 })

  it('look at few deliveries, however many endpoints there are', () => {
    for (const count of [1, 5, 20, 64, 1000]) {
      const endpoints = Array.from({ length: count }, (_, nth) => busy('ws', `wh_${nth}`, 100))
      const looks = divideClaim(endpoints, 50, all).reduce((sum, share) => sum + share.looks, 0)
      expect(looks).toBeLessThanOrEqual(Math.max(400, 3 * count))
    }
  })

  it('leave out endpoints without a place, and those of a workspace that has its part already', () => {
    const endpoints = [busy('ws_1', 'wh_1', 0), busy('ws_1', 'wh_2', 3), busy('ws_2', 'wh_3')]
    const shares = divideClaim(endpoints, 50, (id) => ({ inFlight: 0, places: id === 'ws_2' ? 0 : 400 }))
    expect(shares.map(({ endpoint_id, share }) => [endpoint_id, share])).toEqual([['wh_2', 3]])
  })
})
