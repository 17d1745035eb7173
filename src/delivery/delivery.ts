import { setTimeout } from 'node:timers/promises'
import { startPollLoop } from '../events/poll-loop.ts'
import { databaseShutdownTimeoutMs, settleAll, withTimeout } from '../platform/timeout.ts'
import { stepEndpointSwitch } from './endpoint-switch.ts'
import { type Backlogs, createBacklogs } from './plan/backlogs.ts'
import { catchUp, fanOut, fanOutBounds } from './plan/fanout.ts'
import { startDispatcher } from './queue/dispatcher.ts'
import type { DeliveryParts } from './queue/leased-work.ts'
import { continueReplay } from './replay.ts'

/** Background loops pause twice as long as their last poll took, so that most database time remains for other work. */
const restRatio = 2
const maxRestMs = 1000
/** While other workspaces send what was captured just now, they pause longer. */
const restRatioBesideOthers = 10
/**
 * A catch-up that added many deliveries to send then pauses longest, because they are sent slowly. The pause ends when
 * another workspace needs the catch-up.
 */
const maxRestBesideOthersMs = 5000
const checkOthersMs = 250
const manyDeliveries = fanOutBounds.deliveriesBehind / 2

/** The loops of webhook delivery. */
interface Delivery {
  /** Returns which of them fail; undefined when all work. */
  findProblem(): string | undefined
  stop(): Promise<void>
}

/** Starts webhook delivery: the log readers that create deliveries, the dispatcher that sends them, and the jobs. */
export function startDelivery(parts: DeliveryParts): Delivery {
  const { database, signals, log, scheduleSeconds } = parts
  const [firstDelaySeconds = 0] = scheduleSeconds
  const backlogs = createBacklogs()
  let restsEnd = new AbortController()
  const catchUpLoop = startPollLoop('fanout catch-up', log, async () => {
    restsEnd = new AbortController()
    const { pending = 0, workspaceId } = await withRest(
      () => catchUp(database, firstDelaySeconds),
      (caughtUp) => {
        if (caughtUp.workspaceId !== undefined) backlogs.recordBehind(caughtUp.workspaceId)
        if (caughtUp.deliveries > 0) signals.notify('deliveries')
        if (caughtUp.workspaceId === undefined) return 0
        return backlogs.hasActiveOthers(caughtUp.workspaceId) ? restRatioBesideOthers : restRatio
      },
    )
    if (workspaceId !== undefined && pending >= manyDeliveries)
      await restBesideOthers(backlogs, workspaceId, restsEnd.signal)
    return workspaceId !== undefined
  })
  const dispatcher = startDispatcher(parts, backlogs)
  const fanout = startPollLoop('fanout', log, async () => {
    const round = await dispatcher.leaseAdded((lease) => fanOut(database, firstDelaySeconds, lease))
    const { deliveries, leased, more, someBehind, someNewlyBehind } = round
    if (deliveries > leased.length) signals.notify('deliveries')
    else if (deliveries > 0) signals.notify('attempts')
    if (someNewlyBehind) restsEnd.abort()
    if (someBehind) catchUpLoop.wake()
    return more
  })
  const switches = startPollLoop('endpoint switches', log, () =>
    withRest(
      () => stepEndpointSwitch(database),
      (stepped) => {
        if (stepped) signals.notify('deliveries')
        return stepped ? restRatio : 0
      },
    ),
  )
  const replay = startPollLoop('replay', log, async () => {
    const moved = await continueReplay(database)
    if (moved) signals.notify('deliveries')
    return moved
  })
  const stopWaking = signals.subscribe('events', fanout.wake)
  const readers = [replay, fanout, catchUpLoop, switches]
  return {
    findProblem: () => problemOf([...readers, dispatcher]),
    stop: async () => {
      stopWaking()
      restsEnd.abort()
      const stopped = withTimeout(Promise.all(readers.map((reader) => reader.stop())), databaseShutdownTimeoutMs)
      await settleAll([stopped, dispatcher.stop()])
    },
  }
}

function problemOf(loops: readonly { readonly failing: string | undefined }[]): string | undefined {
  const failing = loops.flatMap((loop) => loop.failing ?? [])
  return failing.length === 0 ? undefined : `These fail, and the log says why: ${failing.join(', ')}.`
}

/** Polls, then pauses for the multiple of the poll's duration that `ratioOf` returns. */
async function withRest<Polled>(poll: () => Promise<Polled>, ratioOf: (polled: Polled) => number): Promise<Polled> {
  const start = performance.now()
  const polled = await poll()
  await setTimeout(Math.min((performance.now() - start) * ratioOf(polled), maxRestMs))
  return polled
}

/** Pauses while others are active, and keeps the workspace's backlog known meanwhile. */
async function restBesideOthers(backlogs: Backlogs, workspaceId: string, end: AbortSignal): Promise<void> {
  const until = performance.now() + maxRestBesideOthersMs
  while (performance.now() < until && !end.aborted && backlogs.hasActiveOthers(workspaceId)) {
    backlogs.recordBehind(workspaceId)
    await setTimeout(checkOthersMs)
  }
}
