import { type AttemptResult, createSender } from '../../src/delivery/attempt/attempt.ts'
import { startDelivery } from '../../src/delivery/delivery.ts'
import { endpointDeliveries } from '../../src/delivery/endpoint-switch.ts'
import { createAddressGuard } from '../../src/delivery/network/address-guard.ts'
import { catchUp, fanOut } from '../../src/delivery/plan/fanout.ts'
import type { LeasedDelivery } from '../../src/delivery/queue/leased-delivery.ts'
import type { Settlement, Verdict } from '../../src/delivery/queue/queue.ts'
import { appendEvents } from '../../src/events/event-log.ts'
import type { EventDraft, EventType } from '../../src/events/event-types.ts'
import { createSecretBox } from '../../src/platform/crypto/secret-box.ts'
import { newId } from '../../src/platform/ids.ts'
import { createLog } from '../../src/platform/log.ts'
import type { EndpointInput, FieldNames } from '../../src/webhooks/endpoint-input.ts'
import { createEndpoints, type Endpoints } from '../../src/webhooks/endpoints.ts'
import type { Viewer } from '../../src/workspaces/viewer.ts'
import type { TestParts } from './test-parts.ts'

export const names: FieldNames = { maxInFlight: 'max_in_flight' }
export const secretBox = createSecretBox([{ id: 'k1', key: Buffer.alloc(32, 7) }])
const loopbackGuard = createAddressGuard({ allow: [], allowLoopback: true })

export function viewerOf(workspaceId: string): Viewer {
  return { workspaceId, apiKeyId: 'key_test', scopes: new Set(['ADMIN'] as const), expiresAt: null }
}

/** Endpoints as the application has them; loopback may be called. */
export function endpointsOf({ database }: Pick<TestParts, 'database'>, onSwitched: () => void = () => {}): Endpoints {
  return createEndpoints({
    database,
    secretBox,
    checkUrl: loopbackGuard.checkUrl,
    deliveries: endpointDeliveries,
    onSwitched,
  })
}

export function newEndpoint(parts: TestParts, workspaceId: string, input: EndpointInput = {}) {
  return endpointsOf(parts).create(viewerOf(workspaceId), { url: 'http://127.0.0.1:9/hook', ...input }, names)
}

/** What a test says of an event; the rest does not matter to it. */
export interface WantedEvent {
  readonly type?: EventType
  readonly contactId?: string | null
  readonly endpointId?: string
}

/** Puts events into the log and answers their ids in order. */
export async function appendAll(
  { database }: Pick<TestParts, 'database'>,
  workspaceId: string,
  events: readonly WantedEvent[],
): Promise<string[]> {
  const drafts = events.map(
    ({ type = 'contact.created', contactId = newId('contact'), endpointId }): EventDraft => ({
      workspaceId,
      id: newId('event'),
      type,
      contactId,
      ...(endpointId !== undefined && { endpointId }),
      occurredAt: new Date(Date.now() + 60_000), // After every endpoint of the test, whatever the clocks say.
      data: { id: contactId },
    }),
  )
  await database.inTransaction((tx) => appendEvents(tx, drafts))
  return drafts.map(({ id }) => id)
}

/** Appends events and owes them: there are deliveries afterwards, due now. */
export async function oweAll(
  parts: TestParts,
  workspaceId: string,
  events: readonly WantedEvent[],
  firstDelaySeconds = 0,
): Promise<string[]> {
  const ids = await appendAll(parts, workspaceId, events)
  await fanOutAll(parts, firstDelaySeconds)
  return ids
}

export async function fanOutAll({ database }: Pick<TestParts, 'database'>, firstDelaySeconds = 0): Promise<void> {
  while ((await fanOut(database, firstDelaySeconds)).events > 0);
  while ((await catchUp(database, firstDelaySeconds)).more);
}

/** The whole way out, to receivers on this machine. */
export function deliverWith(
  { database, signals }: Pick<TestParts, 'database' | 'signals'>,
  scheduleSeconds: readonly number[],
  onLogLine: (line: string) => void,
): { stop(): Promise<void> } {
  const sender = createSender({ guard: loopbackGuard, timeoutMs: 10_000, userAgent: 'Rex/test' })
  const delivery = startDelivery({
    database,
    signals,
    sender,
    secretBox,
    scheduleSeconds,
    leaseMs: 30_000,
    disableAfterSeconds: 432_000,
    random: () => 0.5,
    log: createLog('info', { write: onLogLine }),
  })
  return {
    stop: async () => {
      await delivery.stop()
      await sender.close()
    },
  }
}

export interface DeliveryRow {
  readonly id: string
  readonly endpoint_id: string
  readonly event_id: string
  readonly contact_id: string | null
  readonly status: string
  readonly trigger: string
  readonly attempt_count: number
  readonly retry_count: number
  readonly throttle_count: number
  readonly next_attempt_at: Date | null
  readonly lease_until: Date | null
  readonly completed_at: Date | null
}

/** In the order of their events, an event's in that of their endpoints. */
export function deliveriesOf({ sql }: Pick<TestParts, 'sql'>, workspaceId: string): Promise<DeliveryRow[]> {
  return sql('select * from delivery where workspace_id = $1 order by event_position, endpoint_id', [workspaceId])
}

const accepted: AttemptResult = {
  outcome: { kind: 'accepted', status: 200 },
  startedAt: new Date('2026-03-16T12:00:00.000Z'),
  durationMs: 12,
  responseBody: 'ok',
  inside: false,
}
const refused: AttemptResult = {
  ...accepted,
  outcome: { kind: 'refused', status: 500, error: 'HTTP_STATUS', retryAfter: null },
  responseBody: 'no',
}

/** How an attempt ended, as a dispatcher would settle it. */
export function settlementOf(delivery: LeasedDelivery, status: Verdict['status'], delaySeconds = 0): Settlement {
  const verdict: Verdict =
    status === 'RETRYING' ? { status, delaySeconds, usesRetry: true, leadWithPrevious: null } : { status }
  return { delivery, verdict, result: status === 'SUCCEEDED' ? accepted : refused }
}
