import { setTimeout } from 'node:timers/promises'
import { startPollLoop } from '../events/poll-loop.ts'
import { databaseShutdownTimeoutMs, settleAll, withTimeout } from '../platform/timeout.ts'
import { stepEndpointSwitch } from './endpoint-switch.ts'
import { createBacklogs } from './plan/backlogs.ts'
import { catchUp, fanOut } from './plan/fanout.ts'
import { type Dispatcher, type DispatcherParts, startDispatcher } from './queue/dispatcher.ts'
import { continueReplay } from './replay.ts'

/** Background loops pause twice as long as their last poll took, so that most database time remains for other work. */
const restRatio = 2
/** While other workspaces send what was captured just now, they pause longer. */
const restRatioBesideOthers = 10
const maxRestMs = 1000

/** Starts webhook delivery: the log readers that create deliveries, the dispatcher that sends them, and the jobs. */
export function startDelivery(parts: DispatcherParts): Dispatcher {
  const { database, signals, log, scheduleSeconds } = parts
  const [firstDelaySeconds = 0] = scheduleSeconds
  const backlogs = createBacklogs()
  const catchUpLoop = startPollLoop('fanout catch-up', log, () =>
    withRest(async () => {
      const { deliveries, workspaceId } = await catchUp(database, firstDelaySeconds)
      if (workspaceId === undefined) return 0
      backlogs.recordBehind(workspaceId)
      if (deliveries > 0) signals.notify('deliveries')
      return backlogs.hasActiveOthers(workspaceId) ? restRatioBesideOthers : restRatio
    }),
  )
  const fanout = startPollLoop('fanout', log, async () => {
    const { deliveries, more, someBehind } = await fanOut(database, firstDelaySeconds)
    if (deliveries > 0) signals.notify('deliveries')
    if (someBehind) catchUpLoop.wake()
    return more
  })
  const switches = startPollLoop('endpoint switches', log, () =>
    withRest(async () => {
      const stepped = await stepEndpointSwitch(database)
      if (stepped) signals.notify('deliveries')
      return stepped ? restRatio : 0
    }),
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
    stop: async () => {
      stopWaking()
      const stopped = withTimeout(Promise.all(readers.map((reader) => reader.stop())), databaseShutdownTimeoutMs)
      await settleAll([stopped, dispatcher.stop()])
    },
  }
}

/** Polls, then pauses for the returned multiple of the poll's duration, and returns whether there may be more: not after 0. */
async function withRest(poll: () => Promise<number>): Promise<boolean> {
  const start = performance.now()
  const ratio = await poll()
  await setTimeout(Math.min((performance.now() - start) * ratio, maxRestMs))
  return ratio > 0
}
