/** All event types. A new type is a new line here and the code that appends it; readers accept unknown types. */
export const eventTypes = [
  'contact.created',
  'contact.updated',
  'contact.erased',
  'webhook.test',
  'webhook.failing',
  'webhook.recovered',
  'webhook.disabled',
] as const
export type EventType = (typeof eventTypes)[number]

/** Event to append. `data` is the `data` of the webhook body, in snake_case. */
export interface EventDraft {
  readonly workspaceId: string
  readonly id: string
  readonly type: EventType
  readonly contactId: string | null
  /** When set, only this endpoint receives the event; `noEndpoint`: none does, also not through a replay. */
  readonly endpointId?: string
  readonly occurredAt: Date
  readonly data: Readonly<Record<string, unknown>>
  /** For contact.updated: names of the changed fields, as `data` spells them. */
  readonly changed?: readonly string[]
  /** Trace that made it, where that is not the current span. */
  readonly traceparent?: string
}

/** Id that no endpoint has. */
export const noEndpoint = 'none'

/** Stored event. `body` is the webhook body: the same bytes at every attempt, until an erasure. */
export interface LoggedEvent {
  readonly workspaceId: string
  readonly id: string
  readonly position: number
  readonly type: string
  readonly contactId: string | null
  readonly endpointId: string | null
  readonly body: string
  readonly createdAt: Date
  /** Set when its contact was erased: `data` is only the contact's id, and the event is no longer delivered. */
  readonly redactedAt: Date | null
}

/** Returns the webhook body of an event; it is serialised only once. */
export function bodyOf({ id, type, occurredAt, data, changed }: EventDraft): string {
  return JSON.stringify({ id, event: type, timestamp: occurredAt.toISOString(), data, ...(changed && { changed }) })
}

/** Parses the parts of a body that readers show. */
export function parseBody(body: string): { data: Record<string, unknown>; changed: string[] } {
  const { data, changed } = JSON.parse(body) as { data: Record<string, unknown>; changed?: string[] }
  return { data, changed: changed ?? [] }
}
