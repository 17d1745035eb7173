import { type PollLoop, startPollLoop } from '../../events/poll-loop.ts'
import { databaseShutdownTimeoutMs, withTimeout } from '../../platform/timeout.ts'
import type { Backlogs } from '../plan/backlogs.ts'
import { createPace } from '../plan/workspace-limits.ts'
import { type ClaimWalk, createClaimWalk } from './claim-walk.ts'
import { createDueStarts } from './due-starts.ts'
import { createDueTimers } from './due-timers.ts'
import { createLeaseOwner } from './lease-owner.ts'
import type { LeasedDelivery } from './leased-delivery.ts'
import { createLeasedWork, type DeliveryParts } from './leased-work.ts'
import { claimDeliveries, type LeaseRequest } from './queue.ts'
import { createCapacity } from './slots/capacity.ts'
import { planAttempts } from './turn.ts'

/** Deliveries per claim. A claim blocks those of other workers, so it stays short. */
const maxClaim = 50

export interface Dispatcher {
  /** Name of its loop while the last poll failed. */
  readonly failing: string | undefined
  /**
   * Runs a fan-out, one at a time, that may lease deliveries which it adds, and starts their attempts. `fanOut` gets
   * undefined when this worker cannot start attempts now.
   */
  leaseAdded<Round extends LeasingRound>(fanOut: (lease: LeaseRequest | undefined) => Promise<Round>): Promise<Round>
  /**
   * Stops claiming, waits for running attempts, and returns the leases of those that take too long.
   * @throws AppError `unavailable` if the database is down: the leases expire, and the next start continues
   */
  stop(): Promise<void>
}

interface LeasingRound {
  readonly leased: readonly LeasedDelivery[]
  /** When their leases began, or before, by `performance.now()`. */
  readonly leasedAt: number
}

/** Claims due deliveries, attempts them outside any transaction, and settles the results in batches. */
export function startDispatcher(parts: DeliveryParts, backlogs: Backlogs): Dispatcher {
  const { database, signals, leaseMs, log } = parts
  let isStopping = false
  let lastFanOut: Promise<void> = Promise.resolve()
  const starts = createDueStarts()
  const walk = createClaimWalk(starts)
  const pace = createPace()
  const capacity = createCapacity(() => loop.wake(), pace, backlogs)
  const { allowanceOf } = capacity
  const dueTimers = createDueTimers(() => loop.wake())
  const work = createLeasedWork(parts, capacity, starts, {
    onMoreDue: () => loop.wake(),
    onRetryIn: dueTimers.add,
  })
  const claims = createLeaseOwner(database, work.deliveries)
  // With an owner of its own: a claim that looks for lost leases does not know those of a fan-out that is being committed.
  const fanOuts = createLeaseOwner(database, work.deliveries)

  const beginClaimed = (deliveries: readonly LeasedDelivery[], ms: number): void => {
    const rests = backlogs.recordClaim(countByWorkspace(deliveries), ms)
    wakeLater(rests, walk, loop)
    work.start(planAttempts(deliveries, rests, leaseMs - ms))
  }
  const beginAdded = ({ leased, leasedAt }: LeasingRound): void => {
    backlogs.recordLeased(leased.map(({ workspaceId }) => workspaceId))
    work.start(planAttempts(leased, new Map(), leaseMs - (performance.now() - leasedAt)))
  }

  const loop = startPollLoop('dispatcher', log, async () => {
    const limit = Math.min(maxClaim, capacity.free)
    if (limit <= 0) {
      walk.restartRound()
      return false
    }
    const claim = (owner: string) =>
      database.inTransaction((tx) => claimDeliveries(tx, { limit, owner, leaseMs, walk, allowanceOf }))
    const { value, ms } = await timed(() => claims.lease(claim))
    pace.recordClaim(ms)
    beginClaimed(value.deliveries, ms)
    return value.leavesSome
  })
  const leaseAdded = async <Round extends LeasingRound>(
    fanOut: (lease: LeaseRequest | undefined) => Promise<Round>,
  ): Promise<Round> => {
    const limit = Math.min(maxClaim, capacity.free)
    if (limit <= 0 || isStopping) return await fanOut(undefined)
    const leasing = fanOuts.lease((owner) => fanOut({ limit, owner, leaseMs, starts, allowanceOf }))
    lastFanOut = leasing.then(beginAdded)
    await lastFanOut
    return await leasing
  }
  const stopWaking = signals.subscribe('deliveries', loop.wake)

  return {
    get failing() {
      return loop.failing
    },
    leaseAdded,
    stop: async () => {
      stopWaking()
      isStopping = true
      // A fan-out that fails is the failure of its own loop.
      const polled = Promise.all([loop.stop(), lastFanOut.catch(() => {})])
      const lastPoll = withTimeout(polled, databaseShutdownTimeoutMs)
      await work.stop(lastPoll).finally(dueTimers.stop)
    },
  }
}

async function timed<Value>(work: () => Promise<Value>): Promise<{ readonly value: Value; readonly ms: number }> {
  const start = performance.now()
  const value = await work()
  return { value, ms: performance.now() - start }
}

/** Starts a new round of claims when the workspaces have rested. */
function wakeLater(rests: ReadonlyMap<string, number>, walk: ClaimWalk, loop: PollLoop): void {
  if (rests.size === 0) return
  const wake = () => {
    walk.restartRound()
    loop.wake()
  }
  setTimeout(wake, Math.max(...rests.values())).unref()
}

function countByWorkspace(deliveries: readonly LeasedDelivery[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { workspaceId } of deliveries) counts.set(workspaceId, (counts.get(workspaceId) ?? 0) + 1)
  return counts
}
