/**
 * Age of the replica's data. It compares positions in the write-ahead log, so it needs no clock of a server, and an idle
 * primary does not look like a lag.
 */
export interface ReplicaLag {
  /** Records the end of the primary's log; `at` is a time before it was read. */
  sawPrimary(position: number, at: number): void
  /** Records how far the replica has replayed the log. */
  sawReplica(position: number): void
  /** Time up to which the replica has every commit; undefined while none is known. */
  readonly coveredUntil: number | undefined
}

interface Sample {
  readonly position: number
  readonly at: number
}

const maxSamples = 64

export function createReplicaLag(): ReplicaLag {
  let samples: Sample[] = []
  let coveredUntil: number | undefined
  return {
    get coveredUntil() {
      return coveredUntil
    },
    sawPrimary: (position, at) => {
      samples.push({ position, at })
      // A long lag is measured less exactly instead of in more memory.
      if (samples.length > maxSamples) samples = samples.filter((_, index) => index % 2 === 0)
    },
    sawReplica: (position) => {
      const covered = samples.filter((sample) => sample.position <= position).map(({ at }) => at)
      coveredUntil = covered.length === 0 ? coveredUntil : Math.max(coveredUntil ?? 0, ...covered)
      samples = samples.filter((sample) => sample.position > position)
    },
  }
}
