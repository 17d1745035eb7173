import { type Database, statement } from '../../database/database.ts'
import type { Signals } from '../../events/signals.ts'
import type { AttemptError } from '../../generated/prisma/enums.ts'
import type { SecretBox } from '../../platform/crypto/secret-box.ts'
import { ensureTestReceiver } from '../../webhooks/test-receiver.ts'
import { recordAudit } from '../../workspaces/audit.ts'
import type { Viewer } from '../../workspaces/viewer.ts'
import { addDeliveries } from '../queue/queue.ts'

/** How far a test lead has come. */
export interface TestLeadProgress {
  readonly contactId: string
  readonly capturedAt: Date
  readonly eventAt: Date
  readonly deliveryId: string
  /** Last attempt of the delivery; null before the first one has ended. */
  readonly attempt: {
    readonly startedAt: Date
    readonly durationMs: number
    readonly responseStatus: number | null
    readonly error: AttemptError | null
  } | null
}

/** Deliveries of test leads to the built-in receiver. */
export interface TestLeadDeliveries {
  /**
   * Adds the delivery of a new contact's event to the built-in receiver. Returns the receiver's id if it is disabled, so
   * that the caller enables it.
   */
  add(viewer: Viewer, contactId: string): Promise<{ readonly disabledEndpointId: string | undefined }>
  /** Returns undefined for a contact without a delivery to the built-in receiver. */
  read(workspaceId: string, contactId: string): Promise<TestLeadProgress | undefined>
}

export function createTestLeadDeliveries(parts: {
  readonly database: Database
  readonly signals: Signals
  readonly secretBox: SecretBox
}): TestLeadDeliveries {
  const { database, signals, secretBox } = parts
  return {
    add: async ({ workspaceId, apiKeyId: actor }, contactId) => {
      const disabledEndpointId = await database.inTransaction(async (tx) => {
        const { id: endpointId, status } = await ensureTestReceiver(tx, { workspaceId, actor, secretBox })
        const [event] = await tx.query<{ id: string; position: number }>(selectCreated, [workspaceId, contactId])
        if (event === undefined) throw new Error('Expected the event of the test lead.')
        const key = { workspaceId, endpointId, contactId, eventId: event.id, eventPosition: event.position }
        const isEnabled = status === 'ENABLED'
        await addDeliveries(tx, [{ ...key, status: isEnabled ? 'PENDING' : 'HELD', trigger: 'TEST' }], 0)
        await recordAudit(tx, { workspaceId, actor, action: 'test_lead.sent', targetId: contactId })
        return isEnabled ? undefined : endpointId
      })
      signals.notify('deliveries')
      return { disabledEndpointId }
    },
    read: async (workspaceId, contactId) => {
      const [row] = await database.query<ProgressRow>(selectProgress, [workspaceId, contactId])
      return row && progressOf(contactId, row)
    },
  }
}

interface ProgressRow {
  captured_at: Date | null
  event_at: Date
  delivery_id: string
  started_at: Date | null
  duration_ms: number | null
  response_status: number | null
  error: AttemptError | null
}

function progressOf(contactId: string, row: ProgressRow): TestLeadProgress {
  const { started_at: startedAt, duration_ms: durationMs, response_status: responseStatus, error } = row
  const attempt = startedAt === null || durationMs === null ? null : { startedAt, durationMs, responseStatus, error }
  const { captured_at: capturedAt, event_at: eventAt, delivery_id: deliveryId } = row
  return { contactId, capturedAt: capturedAt ?? eventAt, eventAt, deliveryId, attempt }
}

// Index: event_workspace_id_contact_id_position_idx.
const selectCreated = statement(
  'select_event_of_test_lead',
  `select id, position
   from event
   where workspace_id = $1
     and contact_id = $2
     and type = 'contact.created'
   order by position
   limit 1`,
)

// Indexes: delivery_workspace_id_contact_id_id_idx, event_pkey, submission_workspace_id_contact_id_id_idx,
// attempt_workspace_id_delivery_id_number_key.
const selectProgress = statement(
  'select_progress_of_test_lead',
  `select captured.received_at as captured_at,
          e.created_at as event_at,
          d.id as delivery_id,
          a.started_at, a.duration_ms, a.response_status, a.error
   from delivery d
   join event e on e.workspace_id = d.workspace_id and e.id = d.event_id
   left join lateral (
     select received_at
     from submission
     where workspace_id = $1
       and contact_id = $2
     order by id
     limit 1
   ) as captured on true
   left join lateral (
     select started_at, duration_ms, response_status, error
     from attempt
     where workspace_id = $1
       and delivery_id = d.id
     order by number desc
     limit 1
   ) as a on true
   where d.workspace_id = $1
     and d.contact_id = $2
     and (
       d.trigger = 'TEST'
       or exists (
         select from attempt where workspace_id = $1 and delivery_id = d.id and number = 1 and trigger = 'TEST'
       )
     )
   order by d.id
   limit 1`,
)
