import type { LeasedDelivery } from '../../src/delivery/queue/leased-delivery.ts'
import type { Verdict } from '../../src/delivery/queue/queue.ts'

type OpenStatus = 'PENDING' | 'RETRYING'
type Status = OpenStatus | 'HELD' | 'SUCCEEDED' | 'FAILED'

/** What the queue is expected to hold for one event and endpoint. */
export interface ModelDelivery {
  readonly event: string
  readonly endpoint: string
  readonly contact: string
  readonly position: number
  status: Status
  attempts: number
  /** Whether its time has come. */
  due: boolean
  /** How often it was claimed. */
  token: number
  /** Whether a worker may settle it, even one whose lease has run out. */
  leased: boolean
  /** Whether it is in flight. */
  live: boolean
}

interface ModelEndpoint {
  readonly id: string
  readonly types: readonly string[]
  readonly maxInFlight: number
  enabled: boolean
}

interface ModelEvent {
  readonly id: string
  readonly type: string
  readonly contact: string
  readonly position: number
}

/** The rules of `webhooks.md` without any SQL: what each operation is expected to make of the deliveries. */
export interface DeliveryModel {
  readonly endpoints: readonly ModelEndpoint[]
  readonly deliveries: readonly ModelDelivery[]
  /** What workers have claimed and not given up, the stale among it. */
  readonly claims: LeasedDelivery[]
  log(event: ModelEvent): void
  fanOut(): void
  /** How many a claim is expected to take. */
  claimable(limit: number): number
  /** Why it must not be claimed; undefined when it may. */
  objection(claim: LeasedDelivery): string | undefined
  claim(claimed: readonly LeasedDelivery[]): void
  /** The leases of these claims run out. */
  expire(claims: readonly LeasedDelivery[]): void
  /** Answers whether the settlement is expected to count. */
  settle(claim: LeasedDelivery, status: Verdict['status'], delaySeconds: number): boolean
  makeAllDue(): void
  /** Whether a retry by hand is expected to be taken. */
  retry(delivery: ModelDelivery): boolean
  setEnabled(endpoint: ModelEndpoint, enabled: boolean): void
  replay(endpoint: ModelEndpoint): void
}

export function createDeliveryModel(endpoints: readonly ModelEndpoint[]): DeliveryModel {
  const deliveries: ModelDelivery[] = []
  const claims: LeasedDelivery[] = []
  let unread: ModelEvent[] = []

  const of = (endpoint: ModelEndpoint) => deliveries.filter((delivery) => delivery.endpoint === endpoint.id)
  const endpointOf = ({ endpoint }: ModelDelivery) => endpoints.find(({ id }) => id === endpoint)!
  const claimedBy = (claim: LeasedDelivery) =>
    deliveries.find(({ event, endpoint }) => event === claim.eventId && endpoint === claim.endpointId)
  const hasEarlier = (delivery: ModelDelivery) =>
    deliveries.some(
      (other) =>
        other.endpoint === delivery.endpoint &&
        other.contact === delivery.contact &&
        other.position < delivery.position &&
        (isOpen(other) || other.status === 'HELD'),
    )
  const mayBeClaimed = (delivery: ModelDelivery) =>
    isOpen(delivery) && delivery.due && !delivery.live && !hasEarlier(delivery)
  const inFlight = (endpoint: ModelEndpoint) => of(endpoint).filter(({ live }) => live).length

  return {
    endpoints,
    deliveries,
    claims,
    log: (event) => unread.push(event),
    fanOut: () => {
      for (const event of unread)
        for (const endpoint of endpoints) if (endpoint.types.includes(event.type)) deliveries.push(owe(event, endpoint))
      unread = []
    },
    claimable: (limit) => {
      const perEndpoint = endpoints
        .filter(({ enabled }) => enabled)
        .map((endpoint) =>
          Math.min(of(endpoint).filter(mayBeClaimed).length, Math.max(endpoint.maxInFlight - inFlight(endpoint), 0)),
        )
      return Math.min(
        limit,
        perEndpoint.reduce((sum, each) => sum + each, 0),
      )
    },
    objection: (claim) => {
      const delivery = claimedBy(claim)
      if (delivery === undefined) return 'nobody owes it'
      if (!endpointOf(delivery).enabled) return 'its endpoint is disabled'
      if (!mayBeClaimed(delivery)) return `it is ${JSON.stringify(delivery)}`
      return undefined
    },
    claim: (claimed) => {
      for (const claim of claimed) {
        const delivery = claimedBy(claim)!
        delivery.token++
        delivery.leased = true
        delivery.live = true
      }
      claims.push(...claimed)
    },
    expire: (expired) => {
      for (const claim of expired) {
        const delivery = claimedBy(claim)!
        if (delivery.token === claim.leaseToken) delivery.live = false
      }
    },
    settle: (claim, status, delaySeconds) => {
      const delivery = claimedBy(claim)!
      if (delivery.token !== claim.leaseToken || !delivery.leased) return false
      delivery.attempts++
      delivery.leased = false
      delivery.live = false
      const staysHeld = status === 'RETRYING' && delivery.status === 'HELD'
      delivery.status = staysHeld ? 'HELD' : status
      delivery.due = delivery.status === 'RETRYING' && delaySeconds === 0
      return true
    },
    makeAllDue: () => {
      for (const delivery of deliveries) if (isOpen(delivery)) delivery.due = true
    },
    retry: (delivery) => {
      if (delivery.status === 'SUCCEEDED' || delivery.live || !endpointOf(delivery).enabled) return false
      reopen(delivery)
      return true
    },
    setEnabled: (endpoint, enabled) => {
      endpoint.enabled = enabled
      for (const delivery of of(endpoint)) {
        if (enabled && delivery.status === 'HELD') reopen(delivery)
        if (!enabled && isOpen(delivery)) Object.assign(delivery, { status: 'HELD', due: false })
      }
    },
    replay: (endpoint) => {
      for (const delivery of of(endpoint)) if (delivery.status === 'FAILED') reopen(delivery)
    },
  }
}

function owe({ id, contact, position }: ModelEvent, endpoint: ModelEndpoint): ModelDelivery {
  return {
    event: id,
    endpoint: endpoint.id,
    contact,
    position,
    status: endpoint.enabled ? 'PENDING' : 'HELD',
    attempts: 0,
    due: endpoint.enabled,
    token: 0,
    leased: false,
    live: false,
  }
}

function isOpen({ status }: ModelDelivery): boolean {
  return status === 'PENDING' || status === 'RETRYING'
}

function reopen(delivery: ModelDelivery): void {
  delivery.status = delivery.attempts === 0 ? 'PENDING' : 'RETRYING'
  delivery.due = true
}
