import { canReadPii } from '../../../contacts/masking.ts'
import { cancellable } from '../../../events/bounded-buffer.ts'
import { type EventType, type LoggedEvent, parseBody } from '../../../events/event-types.ts'
import type { Contact } from '../../../generated/prisma/client.ts'
import type { Context } from '../../execution/context.ts'
import { findNamedContact } from './contact-aliases.ts'
import type { ContactEvent } from './contact-event-cache.ts'
import type { ContactFilterInput } from './filter/contact-filter.ts'
import { findMatchingTogether } from './filter/contact-matches.ts'
import { whereOfFilter } from './filter/contact-where.ts'

export interface ContactEventRequest {
  readonly type: EventType
  readonly contactId?: string | null | undefined
  readonly filter?: ContactFilterInput | null | undefined
}

/** Yields live events of contacts that match the filter, in order, without those of erased contacts. */
export async function contactEvents(
  context: Context,
  request: ContactEventRequest,
): Promise<AsyncGenerator<ContactEvent>> {
  const { type, contactId, filter } = request
  const batches = await context.live.subscribeInBatches(context.viewer.workspaceId)
  const ofContact = contactId == null ? undefined : eventsOfContact(context, contactId)
  async function* wanted() {
    for await (const batch of batches) {
      const ofType = batch.filter((event) => event.type === type)
      const events = ofContact === undefined ? ofType : await ofContact(ofType)
      const found = await findContactEvents(context, events, filter ?? {})
      for (const each of found) if (each !== null) yield each
    }
  }
  return cancellable(wanted(), () => void batches.return(undefined))
}

/** Selects the events of the contact that an id refers to; the id of a receipt may refer to a contact only later. */
function eventsOfContact(context: Context, id: string) {
  let currentId: string | undefined
  return async (events: readonly LoggedEvent[]) => {
    if (currentId === undefined && events.length > 0) currentId = await findNamedContact(context, id)
    return events.filter(({ contactId }) => contactId === (currentId ?? id))
  }
}

/** Looks up the events of one batch together; the first of several subscribers with the same filter does it for all. */
function findContactEvents(
  context: Context,
  events: readonly LoggedEvent[],
  filter: ContactFilterInput,
): Promise<(ContactEvent | null)[]> {
  const { viewer, contactEventCache } = context
  const uncached: LoggedEvent[] = []
  const loaded = Promise.resolve().then(() => loadContacts(context, uncached, filter))
  const found = events.map((event) => {
    const key = [viewer.workspaceId, event.id, canReadPii(viewer), JSON.stringify(filter)].join(' ')
    const cached = contactEventCache.get(key)
    if (cached !== undefined) return cached
    uncached.push(event)
    const loading = loaded.then((contacts) => contactEventOf(context, event, contacts.get(event.contactId ?? '')))
    contactEventCache.set(key, loading)
    loading.catch(() => contactEventCache.delete(key)) // Every subscriber that waits for it gets the error.
    return loading
  })
  return Promise.all(found)
}

async function loadContacts(context: Context, events: readonly LoggedEvent[], filter: ContactFilterInput) {
  const ids = new Set(events.flatMap(({ contactId }) => contactId ?? []))
  const contacts =
    ids.size === 0
      ? []
      : await findMatchingTogether(context, [...ids], whereOfFilter(filter, canReadPii(context.viewer)))
  return new Map(contacts.map((contact) => [contact.id, contact]))
}

/** Creates a contact event; null for a contact that does not match the filter. */
function contactEventOf({ cursors }: Context, event: LoggedEvent, contact: Contact | undefined): ContactEvent | null {
  if (contact === undefined) return null
  const { workspaceId, id, position, createdAt, body } = event
  return {
    eventId: id,
    occurredAt: createdAt,
    contact,
    // Made when they are selected: with many filters there is one such object for each.
    get cursor() {
      return cursors.ofEvent(workspaceId, position)
    },
    get changedFields() {
      return parseBody(body).changed
    },
  }
}
