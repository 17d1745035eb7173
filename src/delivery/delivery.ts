import { setTimeout } from 'node:timers/promises'
import { startPollLoop } from '../events/poll-loop.ts'
import { databaseShutdownTimeoutMs, settleAll, withTimeout } from '../platform/timeout.ts'
import { stepEndpointSwitch } from './endpoint-switch.ts'
import { type Backlogs, createBacklogs } from './plan/backlogs.ts'
import { catchUp, fanOut, fanOutBounds } from './plan/fanout.ts'
import { type DispatcherParts, startDispatcher } from './queue/dispatcher.ts'
import { continueReplay } from './replay.ts'

/** Background loops pause twice as long as their last poll took, so that most database time remains for other work. */
const restRatio = 2
const maxRestMs = 1000
/**
 * While others send what was captured just now, the catch-up with many deliveries pauses longer: they are sent slowly then.
 * The pause ends when another workspace needs the catch-up.
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
export function startDelivery(parts: DispatcherParts): Delivery {
  const { database, signals, log, scheduleSeconds } = parts
  const [firstDelaySeconds = 0] = scheduleSeconds
  const backlogs = createBacklogs()
  let restsEnd = new AbortController()
  const catchUpLoop = startPollLoop('fanout catch-up', log, async () => {
    restsEnd = new AbortController()
    const { deliveries, workspaceId } = await withRest(
      () => catchUp(database, firstDelaySeconds),
      (caughtUp) => {
        if (caughtUp.workspaceId !== undefined) backlogs.recordBehind(caughtUp.workspaceId)
        if (caughtUp.deliveries > 0) signals.notify('deliveries')
        return caughtUp.workspaceId !== undefined
      },
    )
    if (workspaceId !== undefined && deliveries >= manyDeliveries)
      await restBesideOthers(backlogs, workspaceId, restsEnd.signal)
    return workspaceId !== undefined
  })
  const fanout = startPollLoop('fanout', log, async () => {
    const { deliveries, more, someBehind, someNewlyBehind } = await fanOut(database, firstDelaySeconds)
    if (deliveries > 0) signals.notify('deliveries')
    if (someNewlyBehind) restsEnd.abort()
    if (someBehind) catchUpLoop.wake()
    return more
  })
  const switches = startPollLoop('endpoint switches', log, () =>
    withRest(
      () => stepEndpointSwitch(database),
      (stepped) => {
        if (stepped) signals.notify('deliveries')
        return stepped
      },
    ),
  )
  const replay = startPollLoop('replay', log, async () => {
    const moved = await continueReplay(database)
    if (moved) signals.notify('deliveries')
    return moved
  })
  const stopWaking = signals.subscribe('events', fanout.wake)
  const dispatcher = startDispatcher(parts, backlogs)
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

/** Polls, then pauses for a multiple of the poll's duration if `hasMore` says that there may be more. */
async function withRest<Polled>(poll: () => Promise<Polled>, hasMore: (polled: Polled) => boolean): Promise<Polled> {
  const start = performance.now()
  const polled = await poll()
  const more = hasMore(polled)
  if (more) await setTimeout(Math.min((performance.now() - start) * restRatio, maxRestMs))
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
