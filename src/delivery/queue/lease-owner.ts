import { ulid } from 'ulid'
import type { Database } from '../../database/database.ts'
import type { LeasedDelivery } from './leased-delivery.ts'
import { returnLostLeases } from './queue.ts'

/** An owner of leases, whose transactions run one at a time. */
export interface LeaseOwner {
  /** Runs a transaction that leases. After one that failed, first returns the leases that it may have committed. */
  lease<Value>(work: (owner: string) => Promise<Value>): Promise<Value>
}

/** @param known the deliveries whose leases this worker knows of */
export function createLeaseOwner(database: Database, known: () => readonly LeasedDelivery[]): LeaseOwner {
  const owner = ulid()
  let mayHaveLost = false
  return {
    lease: async (work) => {
      if (mayHaveLost) await database.inTransaction((tx) => returnLostLeases(tx, owner, known()))
      mayHaveLost = true
      const value = await work(owner)
      mayHaveLost = false
      return value
    },
  }
}
