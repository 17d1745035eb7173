import type { EventHead } from '../../events/event-log.ts'
import { parseTraceparent } from '../../platform/tracing/traceparent.ts'
import { isTracing, startSpanBelow } from '../../platform/tracing/tracing.ts'
import type { NewDelivery } from '../queue/queue.ts'

/** Adds a span to the trace of each event that got deliveries. It is called once they are committed. */
export function traceFanOut(events: readonly EventHead[], deliveries: readonly NewDelivery[], startTime: number): void {
  if (!isTracing()) return
  const counts = Map.groupBy(deliveries, ({ eventId }) => eventId)
  for (const { id, workspaceId, traceparent } of events) {
    const parent = parseTraceparent(traceparent)
    const count = counts.get(id)?.length
    if (parent === undefined || count === undefined) continue
    const attributes = { 'rex.workspace_id': workspaceId, 'rex.event_id': id, 'rex.deliveries': count }
    startSpanBelow(parent, 'event.fan_out', { startTime, attributes })?.end()
  }
}
