import { describe, expect, it } from 'vitest'
import { createReplicaLag } from '../../src/database/replica/replica-lag.ts'

describe('the age of the data of a replica', () => {
  it('is unknown until the replica has replayed a position of the primary', () => {
    const lag = createReplicaLag()
    lag.sawPrimary(100, 1000)
    lag.sawReplica(99)
    expect(lag.coveredUntil).toBeUndefined()
  })

  it('begins at the last position that the replica has replayed', () => {
    const lag = createReplicaLag()
    lag.sawPrimary(100, 1000)
    lag.sawPrimary(200, 2000)
    lag.sawPrimary(300, 3000)
    lag.sawReplica(250)
    expect(lag.coveredUntil).toBe(2000)
    lag.sawReplica(250)
    expect(lag.coveredUntil).toBe(2000)
    lag.sawReplica(300)
    expect(lag.coveredUntil).toBe(3000)
  })

  it('is none while the primary writes nothing', () => {
    const lag = createReplicaLag()
    lag.sawPrimary(100, 1000)
    lag.sawReplica(100)
    lag.sawPrimary(100, 9000)
    lag.sawReplica(100)
    expect(lag.coveredUntil).toBe(9000)
  })

  it('does not become younger by an answer of the primary that comes late', () => {
    const lag = createReplicaLag()
    lag.sawPrimary(200, 2000)
    lag.sawReplica(200)
    lag.sawPrimary(150, 1500)
    lag.sawReplica(200)
    expect(lag.coveredUntil).toBe(2000)
  })

  it('is never underestimated after a long lag, of which not all positions are kept', () => {
    const lag = createReplicaLag()
    for (let second = 1; second <= 1000; second++) lag.sawPrimary(second * 10, second * 1000)
    lag.sawReplica(5005)
    expect(lag.coveredUntil).toBeLessThanOrEqual(500_000)
    lag.sawReplica(10_000)
    expect(lag.coveredUntil).toBeLessThanOrEqual(1_000_000)
  })
})
