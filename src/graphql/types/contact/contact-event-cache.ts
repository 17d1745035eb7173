import { LRUCache } from 'lru-cache'
import type { Contact } from '../../../generated/prisma/client.ts'

/** An event of a contact, with the contact's current state. */
export interface ContactEvent {
  readonly eventId: string
  readonly cursor: string
  readonly occurredAt: Date
  readonly contact: Contact
  readonly changedFields: readonly string[]
}

/** Cache by event and filter; null if the contact does not match the filter. */
export type ContactEventCache = LRUCache<string, Promise<ContactEvent | null>>

/** Creates a cache of the newest events: subscribers with the same filter share one query per event and its object. */
export function createContactEventCache(): ContactEventCache {
  return new LRUCache({ max: 1000, ttl: 5000 })
}
