import { onTestFinished } from 'vitest'
import { createSender } from '../../src/delivery/attempt/attempt.ts'
import { startDelivery } from '../../src/delivery/delivery.ts'
import { createAddressGuard } from '../../src/delivery/network/address-guard.ts'
import type { EndpointInput } from '../../src/webhooks/endpoint-input.ts'
import { captureOf } from './captures.ts'
import { eventually } from './eventually.ts'
import { emptyQueue } from './queue-parts.ts'
import { type Receiver, type Respond, startReceiver } from './receiver.ts'
import { silentLog, type TestParts } from './test-parts.ts'
import {
  type DeliveryRow,
  deliveriesOf,
  endpointsOf,
  names,
  newEndpoint,
  secretBox,
  viewerOf,
} from './webhook-parts.ts'

interface EndpointRow {
  readonly id: string
  readonly status: string
  readonly disabled_reason: string | null
  readonly failure_count: number
  readonly accepts_previous: boolean
  readonly previous_secret: string | null
}

interface AttemptRow {
  readonly delivery_id: string
  readonly number: number
  readonly trigger: string
  readonly response_status: number | null
  readonly error: string | null
}

interface StartOptions {
  readonly scheduleSeconds?: readonly number[]
  readonly disableAfterSeconds?: number
  readonly nameServers?: readonly string[]
  readonly timeoutMs?: number
}

/** One workspace's way from a capture to its receivers, for one test each: all of it ends with the test. */
export interface WayOut {
  readonly workspaceId: string
  /** The readers and the dispatcher, which nothing else runs. */
  start(options?: StartOptions): { stop(): Promise<void> }
  receiver(respond?: Respond): Promise<Receiver>
  endpointTo(receiver: Pick<Receiver, 'url'>, input?: EndpointInput): Promise<{ id: string; secret: string }>
  setEnabled(id: string, enabled: boolean): Promise<void>
  rotate(id: string, overlapHours?: number): Promise<string>
  capture(email?: string, firstName?: string): Promise<string>
  /** As many contacts; answers the ids of their events in order. */
  captureMany(count: number): Promise<string[]>
  endpoint(id: string): Promise<EndpointRow>
  attempts(): Promise<AttemptRow[]>
  deliveries(endpointId?: string): Promise<DeliveryRow[]>
  /** Waits until the deliveries, of one endpoint or all, are as wanted. */
  settled(
    wanted: (rows: readonly DeliveryRow[]) => boolean,
    endpointId?: string,
    timeoutMs?: number,
  ): Promise<DeliveryRow[]>
  allAre(status: string, count: number, endpointId?: string, timeoutMs?: number): Promise<DeliveryRow[]>
}

/** On a queue that holds nothing of other tests. */
export async function openWayOut(parts: TestParts): Promise<WayOut> {
  const { workspaceId } = await emptyQueue(parts)
  const endpoints = endpointsOf(parts, () => {
    parts.signals.notify('events')
    parts.signals.notify('deliveries')
  })
  const viewer = viewerOf(workspaceId)
  let captured = 0

  const capture = async (email = 'jane@example.com', firstName = 'Jane') => {
    const { contact } = await parts.writer.add(captureOf(workspaceId, { email, fields: { firstName, metadata: {} } }))
    return contact.id
  }
  const deliveries = async (endpointId?: string) => {
    const rows = await deliveriesOf(parts, workspaceId)
    return endpointId === undefined ? rows : rows.filter((row) => row.endpoint_id === endpointId)
  }
  const settled: WayOut['settled'] = async (wanted, endpointId, timeoutMs) => {
    let rows: DeliveryRow[] = []
    const isAsWanted = async () => {
      rows = await deliveries(endpointId)
      return wanted(rows)
    }
    await eventually(isAsWanted, () => describeRows(rows), timeoutMs)
    return rows
  }

  return {
    workspaceId,
    start: (options) => startWayOut(parts, options),
    receiver: async (respond) => {
      const started = await startReceiver(respond)
      onTestFinished(() => started.stop())
      return started
    },
    endpointTo: ({ url }, input) =>
      newEndpoint(parts, workspaceId, { url, events: ['contact.created', 'contact.updated'], ...input }),
    setEnabled: (id, enabled) => endpoints.update(viewer, id, { enabled }, names),
    rotate: (id, overlapHours = 24) =>
      endpoints.rotateSecret(viewer, { id, overlapHours, overlapPath: 'overlap_hours' }),
    capture,
    captureMany: async (count) => {
      const first = captured
      captured += count
      const emails = Array.from({ length: count }, (_, index) => `lead-${first + index}@example.com`)
      const contacts = await Promise.all(emails.map((email) => capture(email)))
      const rows = await parts.sql<{ id: string }>(
        'select id from event where workspace_id = $1 and contact_id = any ($2::text[]) order by position',
        [workspaceId, contacts],
      )
      return rows.map(({ id }) => id)
    },
    endpoint: async (id) =>
      (
        await parts.sql<EndpointRow>('select * from webhook_endpoint where workspace_id = $1 and id = $2', [
          workspaceId,
          id,
        ])
      )[0]!,
    attempts: () =>
      parts.sql(
        `select a.*
         from attempt a
         join delivery d on d.workspace_id = a.workspace_id and d.id = a.delivery_id
         where a.workspace_id = $1
         order by d.event_position, a.delivery_id, a.number`,
        [workspaceId],
      ),
    deliveries,
    settled,
    allAre: (status, count, endpointId, timeoutMs) =>
      settled((rows) => rows.length === count && rows.every((row) => row.status === status), endpointId, timeoutMs),
  }
}

function startWayOut(
  { database, signals }: TestParts,
  { scheduleSeconds = [0, 0, 0], disableAfterSeconds = 432_000, timeoutMs = 10_000, nameServers }: StartOptions = {},
): { stop(): Promise<void> } {
  const guard = createAddressGuard({ allow: [], allowLoopback: true })
  const sender = createSender({ guard, timeoutMs, userAgent: 'Rex/test', nameServers })
  const delivery = startDelivery({
    database,
    signals,
    sender,
    secretBox,
    scheduleSeconds,
    leaseMs: 30_000,
    disableAfterSeconds,
    random: () => 0.5,
    log: silentLog,
  })
  let stopped: Promise<void> | undefined
  const stop = async () => {
    await delivery.stop()
    await sender.close()
  }
  const stopOnce = () => {
    stopped ??= stop()
    return stopped
  }
  onTestFinished(stopOnce)
  return { stop: stopOnce }
}

function describeRows(rows: readonly DeliveryRow[]): string {
  const counts = Map.groupBy(rows, ({ status, attempt_count }) => `${status} after ${attempt_count}`)
  return [...counts].map(([what, its]) => `${its.length} ${what}`).join(', ') || 'no delivery'
}
