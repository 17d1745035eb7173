import { canReadPii } from '../../../contacts/masking.ts'
import type { Context } from '../../execution/context.ts'
import { refusal } from '../../execution/errors.ts'
import { builder } from '../../schema/builder.ts'
import { Contact } from './contact.ts'
import type { ContactEvent } from './contact-event-cache.ts'
import { contactEvents } from './contact-stream.ts'
import { asksForEmails, ContactFilter, type ContactFilterInput } from './filter/contact-filter.ts'
import { checkFilterSize } from './filter/contact-filter-size.ts'

const ContactCreatedEvent = builder.objectRef<ContactEvent>('ContactCreatedEvent').implement({
  fields: (t) => ({
    eventId: t.exposeID('eventId', { description: 'Also the id of the webhook.' }),
    cursor: t.exposeString('cursor', { description: 'Resume token, see Subscription.events.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime' }),
    contact: t.field({ type: Contact, description: 'The current state.', resolve: ({ contact }) => contact }),
  }),
})

const ContactUpdatedEvent = builder.objectRef<ContactEvent>('ContactUpdatedEvent').implement({
  fields: (t) => ({
    eventId: t.exposeID('eventId', { description: 'Also the id of the webhook.' }),
    cursor: t.exposeString('cursor', { description: 'Resume token, see Subscription.events.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime' }),
    contact: t.field({ type: Contact, description: 'The current state.', resolve: ({ contact }) => contact }),
    changedFields: t.stringList({
      description: 'In the spelling of webhook bodies: `first_name`.',
      resolve: ({ changedFields }) => [...changedFields],
    }),
  }),
})

builder.subscriptionField('contactCreated', (t) =>
  t.field({
    type: ContactCreatedEvent,
    authScopes: { scope: 'CONTACTS_READ' },
    args: { filter: t.arg({ type: ContactFilter }) },
    subscribe: (_root, { filter }, context) => {
      checkFilter(context, filter)
      return contactEvents(context, { type: 'contact.created', filter })
    },
    resolve: (event) => event,
  }),
)

builder.subscriptionField('contactUpdated', (t) =>
  t.field({
    type: ContactUpdatedEvent,
    authScopes: { scope: 'CONTACTS_READ' },
    args: { id: t.arg.id(), filter: t.arg({ type: ContactFilter }) },
    subscribe: (_root, { id, filter }, context) => {
      checkFilter(context, filter)
      return contactEvents(context, { type: 'contact.updated', contactId: id, filter })
    },
    resolve: (event) => event,
  }),
)

function checkFilter({ viewer }: Context, filter: ContactFilterInput | null | undefined): void {
  if (filter == null) return
  checkFilterSize(filter)
  if (asksForEmails(filter) && !canReadPii(viewer))
    throw refusal('FORBIDDEN', 'Filtering by e-mail requires the scope PII_READ.')
}
