import { LRUCache } from 'lru-cache'
import { leavingAtOnce } from '../events/bounded-buffer.ts'
import { type EventType, type LoggedEvent, parseBody } from '../events/catalogue.ts'
import { eventCursor } from '../events/cursor.ts'
import type { Contact } from '../generated/prisma/client.ts'
import { findMatching } from './contact-list.ts'
import type { ContactsOfEvents, Context } from './context.ts'
import type { ContactFilterInput } from './types/contact-filter.ts'
import { whereOfFilter } from './types/contact-where.ts'

/** What happened to a contact, with the contact as it is now. */
export interface ContactEvent {
  readonly eventId: string
  readonly cursor: string
  readonly occurredAt: Date
  readonly contact: Contact
  readonly changedFields: readonly string[]
}

export interface ContactEventRequest {
  readonly type: EventType
  readonly contactId?: string | null | undefined
  readonly filter?: ContactFilterInput | null | undefined
}

/** Live events about contacts that the filter lets through, in order; an erased contact's are left out. */
export function contactEvents(context: Context, request: ContactEventRequest): AsyncGenerator<ContactEvent> {
  const { live, viewer } = context
  const { type, contactId, filter } = request
  const events = live.subscribe({ workspaceId: viewer.workspaceId })
  async function* wanted() {
    for await (const event of events) {
      if (event.type !== type || (contactId != null && event.contactId !== contactId)) continue
      const contact = await findContact(context, event, filter ?? {})
      if (contact !== null) yield contactEventOf(event, contact)
    }
  }
  return leavingAtOnce(wanted(), () => void events.return(undefined))
}

/** The contacts of the newest events, so that many subscribers with the same filter cost one query an event. */
export function createContactsOfEvents(): ContactsOfEvents {
  return new LRUCache({ max: 1000, ttl: 5000 })
}

function findContact(context: Context, event: LoggedEvent, filter: ContactFilterInput): Promise<Contact | null> {
  const { contactsOfEvents } = context
  const key = `${event.id} ${JSON.stringify(filter)}`
  const known = contactsOfEvents.get(key)
  if (known !== undefined) return known
  const found = findMatching(context, event.contactId ?? '', whereOfFilter(filter))
  contactsOfEvents.set(key, found)
  found.catch(() => contactsOfEvents.delete(key)) // Whoever waits for it gets the error.
  return found
}

function contactEventOf({ workspaceId, id, position, createdAt, body }: LoggedEvent, contact: Contact): ContactEvent {
  return {
    eventId: id,
    cursor: eventCursor(workspaceId, position),
    occurredAt: createdAt,
    contact,
    changedFields: parseBody(body).changed,
  }
}
