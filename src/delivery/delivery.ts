import { allEnd, patienceMs, withinDeadline } from '../deadline.ts'
import { startReadingLoop } from '../events/reading-loop.ts'
import { type Dispatcher, type DispatcherParts, startDispatcher } from './dispatcher.ts'
import { fanOut, fanOutSize } from './fanout.ts'
import { continueReplay } from './replay.ts'

/** The way out: the reader of the log that owes deliveries, the dispatcher that makes them, and the replays. */
export function startDelivery(parts: DispatcherParts): Dispatcher {
  const { database, wake, log, scheduleSeconds } = parts
  const [firstDelaySeconds = 0] = scheduleSeconds
  const fanout = startReadingLoop('fanout', log, async () => {
    const events = await fanOut(database, firstDelaySeconds)
    if (events > 0) wake.wake('deliveries')
    return events === fanOutSize
  })
  const stopWaking = wake.onWake('events', fanout.wake)
  const dispatcher = startDispatcher(parts)
  const replay = startReadingLoop('replay', log, async () => {
    const moved = await continueReplay(database)
    if (moved) wake.wake('deliveries')
    return moved
  })
  return {
    stop: async () => {
      stopWaking()
      const readers = withinDeadline(Promise.all([replay.stop(), fanout.stop()]), patienceMs)
      await allEnd([readers, dispatcher.stop()])
    },
  }
}
