import { LRUCache } from 'lru-cache'
import type { Contact } from '../../../generated/prisma/client.ts'

/** What happened to a contact, with the contact as it is now. */
export interface ContactEvent {
  readonly eventId: string
  readonly cursor: string
  readonly occurredAt: Date
  readonly contact: Contact
  readonly changedFields: readonly string[]
}

/** By event and filter; null where the filter does not let the contact through. */
export type ContactEventCache = LRUCache<string, Promise<ContactEvent | null>>

/** The newest, so that many subscribers with the same filter cost one query an event, and are told the same object. */
export function createContactEventCache(): ContactEventCache {
  return new LRUCache({ max: 1000, ttl: 5000 })
}
