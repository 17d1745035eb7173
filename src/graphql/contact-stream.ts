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
export async function contactEvents(
  context: Context,
  request: ContactEventRequest,
): Promise<AsyncGenerator<ContactEvent>> {
  const { type, contactId, filter } = request
  const batches = await context.live.subscribeInBatches(context.viewer.workspaceId)
  const isWanted = (event: LoggedEvent) => event.type === type && (contactId == null || event.contactId === contactId)
  async function* wanted() {
    for await (const batch of batches) {
      const found = await findContactEvents(context, batch.filter(isWanted), filter ?? {})
      for (const each of found) if (each !== null) yield each
    }
  }
  return leavingAtOnce(wanted(), () => void batches.return(undefined))
}

/** What was committed together is looked up together, by whoever of many subscribers with the filter comes first. */
function findContactEvents(
  context: Context,
  events: readonly LoggedEvent[],
  filter: ContactFilterInput,
): Promise<(ContactEvent | null)[]> {
  const { viewer, contactEventCache } = context
  const unknown: LoggedEvent[] = []
  const loaded = Promise.resolve().then(() => loadContacts(context, unknown, filter))
  const found = events.map((event) => {
    const key = `${viewer.workspaceId} ${event.id} ${JSON.stringify(filter)}`
    const known = contactEventCache.get(key)
    if (known !== undefined) return known
    unknown.push(event)
    const loading = loaded.then((contacts) => contactEventOf(event, contacts.get(event.contactId ?? '')))
    contactEventCache.set(key, loading)
    loading.catch(() => contactEventCache.delete(key)) // Whoever waits for it gets the error.
    return loading
  })
  return Promise.all(found)
}

async function loadContacts(context: Context, events: readonly LoggedEvent[], filter: ContactFilterInput) {
  const ids = new Set(events.flatMap(({ contactId }) => contactId ?? []))
  const contacts = ids.size === 0 ? [] : await findMatching(context, [...ids], whereOfFilter(filter))
  return new Map(contacts.map((contact) => [contact.id, contact]))
}

/** Null for a contact that the filter does not let through. */
function contactEventOf(event: LoggedEvent, contact: Contact | undefined): ContactEvent | null {
  if (contact === undefined) return null
  const { workspaceId, id, position, createdAt, body } = event
  return {
    eventId: id,
    cursor: eventCursor(workspaceId, position),
    occurredAt: createdAt,
    contact,
    changedFields: parseBody(body).changed,
  }
}
