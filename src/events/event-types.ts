/**
 * Every type of event. A new one is a new line here and whoever appends it; readers take types that they do not know.
 */
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

/** What somebody wants to put into the log. `data` is the `data` of the webhook body, snake_case. */
export interface EventDraft {
  readonly workspaceId: string
  readonly id: string
  readonly type: EventType
  readonly contactId: string | null
  /** Set: the event is for this endpoint alone. */
  readonly endpointId?: string
  readonly occurredAt: Date
  readonly data: Readonly<Record<string, unknown>>
  /** contact.updated: the names of the fields that changed, as `data` spells them. */
  readonly changed?: readonly string[]
}

/** An event as the log holds it. `body` is the webhook body: the same bytes at every attempt, until an erasure. */
export interface LoggedEvent {
  readonly workspaceId: string
  readonly id: string
  readonly position: number
  readonly type: string
  readonly contactId: string | null
  readonly endpointId: string | null
  readonly body: string
  readonly createdAt: Date
  /** Its contact was erased: `data` is the contact's id alone, and nobody is owed the event any more. */
  readonly redactedAt: Date | null
}

/** The webhook body of an event, made once. */
export function bodyOf({ id, type, occurredAt, data, changed }: EventDraft): string {
  return JSON.stringify({ id, event: type, timestamp: occurredAt.toISOString(), data, ...(changed && { changed }) })
}

/** The parts of a body that readers show. */
export function parseBody(body: string): { data: Record<string, unknown>; changed: string[] } {
  const { data, changed } = JSON.parse(body) as { data: Record<string, unknown>; changed?: string[] }
  return { data, changed: changed ?? [] }
}
