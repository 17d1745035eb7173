import { leavingAtOnce } from '../events/bounded-buffer.ts'
import { type EventType, type LoggedEvent, parseBody } from '../events/catalogue.ts'
import { eventCursor } from '../events/cursor.ts'
import type { Contact } from '../generated/prisma/client.ts'
import type { ContactEvent } from './contact-event-cache.ts'
import { findMatching } from './contact-list.ts'
import type { Context } from './context.ts'
import type { ContactFilterInput } from './types/contact-filter.ts'
import { whereOfFilter } from './types/contact-where.ts'

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
      const found = await findContactEvent(context, event, filter ?? {})
      if (found !== null) yield found
    }
  }
  return leavingAtOnce(wanted(), () => void events.return(undefined))
}

function findContactEvent(
  context: Context,
  event: LoggedEvent,
  filter: ContactFilterInput,
): Promise<ContactEvent | null> {
  const { viewer, contactEventCache } = context
  const key = `${viewer.workspaceId} ${event.id} ${JSON.stringify(filter)}`
  const known = contactEventCache.get(key)
  if (known !== undefined) return known
  const found = readContactEvent(context, event, filter)
  contactEventCache.set(key, found)
  found.catch(() => contactEventCache.delete(key)) // Whoever waits for it gets the error.
  return found
}

async function readContactEvent(context: Context, event: LoggedEvent, filter: ContactFilterInput) {
  const contact = await findMatching(context, event.contactId ?? '', whereOfFilter(filter))
  return contact && contactEventOf(event, contact)
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
