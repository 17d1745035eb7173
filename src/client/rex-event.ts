/** Types of events. Later versions may send more: ignore a type that you do not know. */
export const eventTypes = [
  'contact.created',
  'contact.updated',
  'contact.erased',
  'webhook.test',
  'webhook.failing',
  'webhook.recovered',
  'webhook.disabled',
] as const

/** A contact as webhooks and live events show it. */
export interface ContactData {
  readonly id: string
  readonly email: string
  readonly first_name: string | null
  readonly last_name: string | null
  readonly stage: string
  readonly source: string | null
  readonly metadata: Readonly<Record<string, unknown>>
  /** ISO 8601 in UTC, such as `2026-03-16T12:00:00.000Z`. */
  readonly created_at: string
  readonly updated_at: string
}

/** The body of a webhook. */
interface WebhookBody<Type extends string, Data> {
  /** The same at every attempt: use it to drop repeats. */
  readonly id: string
  readonly event: Type
  /** Time of the change, not of the attempt. ISO 8601 in UTC. */
  readonly timestamp: string
  readonly data: Data
}

export type ContactCreatedEvent = WebhookBody<'contact.created', ContactData>

export interface ContactUpdatedEvent extends WebhookBody<'contact.updated', ContactData> {
  /** Names of the changed fields, as `data` spells them. */
  readonly changed: readonly string[]
}

/** Says that a contact was erased: delete what you hold of it. */
export type ContactErasedEvent = WebhookBody<'contact.erased', { readonly id: string }>

/** Sent on request, to one endpoint. */
export type WebhookTestEvent = WebhookBody<'webhook.test', { readonly id: string; readonly message: string }>

/** Says how another endpoint is: sent once when it begins to fail, recovers, or is disabled. */
type EndpointHealthEvent<Type extends string> = WebhookBody<Type, { readonly id: string; readonly reason?: string }>

export type WebhookFailingEvent = EndpointHealthEvent<'webhook.failing'>
export type WebhookRecoveredEvent = EndpointHealthEvent<'webhook.recovered'>
export type WebhookDisabledEvent = EndpointHealthEvent<'webhook.disabled'>

/** Every body of a webhook. `event` tells them apart. */
export type RexEvent =
  | ContactCreatedEvent
  | ContactUpdatedEvent
  | ContactErasedEvent
  | WebhookTestEvent
  | WebhookFailingEvent
  | WebhookRecoveredEvent
  | WebhookDisabledEvent
