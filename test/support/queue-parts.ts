import { endpointDeliveries } from '../../src/delivery/endpoint-switch.ts'
import type { LeasedDelivery } from '../../src/delivery/queue/leased-delivery.ts'
import { claimDeliveries, type Settled, settleDeliveries, type Verdict } from '../../src/delivery/queue/queue.ts'
import { newId } from '../../src/platform/ids.ts'
import type { TestParts } from './test-parts.ts'
import { deliveriesOf, newEndpoint, oweAll, settlementOf } from './webhook-parts.ts'

interface AttemptRow {
  readonly delivery_id: string
  readonly number: number
  readonly trigger: string
  readonly response_status: number | null
  readonly response_body: string | null
  readonly error: string | null
}

/** What a test does with the queue on behalf of one workspace. */
export interface TestQueue {
  readonly workspaceId: string
  /** A new endpoint's id. */
  endpoint(maxInFlight?: number): Promise<string>
  /** So many events, owed to every endpoint; answers their ids. */
  owe(count: number, wanted?: { readonly contactId?: string }): Promise<string[]>
  claim(limit?: number): Promise<LeasedDelivery[]>
  /** Whether a claim has left some. */
  leavesSome(limit: number): Promise<boolean>
  settle(delivery: LeasedDelivery, status: Verdict['status'], delaySeconds?: number): Promise<Settled>
  change(what: 'hold' | 'release' | 'cancel', endpointId: string): Promise<void>
  /** As if every worker had been paused past its leases. */
  endLeases(): Promise<unknown>
  statuses(): Promise<string[]>
  attempts(): Promise<AttemptRow[]>
}

/** A queue that holds nothing: what other tests left open is gone. */
export async function emptyQueue(parts: TestParts): Promise<TestQueue> {
  await parts.sql('delete from delivery')
  const { database } = parts
  const workspaceId = newId('workspace')
  const claim = (limit: number) =>
    database.inTransaction((tx) => claimDeliveries(tx, { limit, leaseMs: 60_000, owner: 'worker' }))
  const events = (count: number, wanted: object) => Array.from({ length: count }, () => wanted)
  return {
    workspaceId,
    endpoint: async (maxInFlight = 100) => (await newEndpoint(parts, workspaceId, { maxInFlight })).id,
    owe: (count, wanted = {}) => oweAll(parts, workspaceId, events(count, wanted)),
    claim: async (limit = 200) => (await claim(limit)).deliveries,
    leavesSome: async (limit) => (await claim(limit)).leavesSome,
    settle: (delivery, status, delaySeconds) =>
      settleDeliveries(database, [settlementOf(delivery, status, delaySeconds)]),
    change: (what, endpointId) =>
      database.inTransaction((tx) => endpointDeliveries[what](tx, { workspaceId, endpointId })),
    endLeases: () =>
      parts.sql(`update delivery set lease_until = now() - interval '1 millisecond' where lease_until is not null`),
    statuses: async () => (await deliveriesOf(parts, workspaceId)).map(({ status }) => status),
    attempts: () =>
      parts.sql('select * from attempt where workspace_id = $1 order by delivery_id, number', [workspaceId]),
  }
}

export function eventIdsOf(claimed: readonly LeasedDelivery[]): string[] {
  return claimed.map(({ eventId }) => eventId)
}
