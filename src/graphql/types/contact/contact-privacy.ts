import type { ErasedContact } from '../../../contacts/erase-contact.ts'
import { hasScope } from '../../../workspaces/viewer.ts'
import { builder } from '../../schema/builder.ts'
import { NotFoundFailure } from '../shared/user-error.ts'
import { contactIdOf } from './contact-aliases.ts'
import { exportContact } from './contact-export.ts'

const EraseContactSuccess = builder.objectRef<ErasedContact>('EraseContactSuccess').implement({
  fields: (t) => ({
    erasedId: t.exposeID('id'),
    submissionsRedacted: t.exposeInt('submissionsRedacted', {
      description: 'Including held and spam submissions with the same e-mail.',
    }),
    eventsRedacted: t.exposeInt('eventsRedacted'),
    deliveriesCanceled: t.exposeInt('deliveriesCanceled'),
  }),
})

builder.queryField('contactExport', (t) =>
  t.field({
    type: 'JSON',
    nullable: true,
    description:
      'All stored data of one contact, for an access request: the contact, its submissions, events, deliveries and audit entries. Each list has the newest entries within 4 MiB; `complete` is true if none is missing. Needs PII_READ and CONTACTS_READ.',
    authScopes: (_root, _args, { viewer }) => hasScope(viewer, 'PII_READ') && hasScope(viewer, 'CONTACTS_READ'),
    // It reads up to 4 MiB of each of four tables.
    complexity: 1000,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => exportContact(context, await contactIdOf(context, id)),
  }),
)

builder.mutationField('eraseContact', (t) =>
  t.field({
    type: EraseContactSuccess,
    nullable: true,
    description:
      'Removes the person permanently from all stored data, and sends `contact.erased` to the endpoints that know the contact.',
    authScopes: { scope: 'PRIVACY_ERASE' },
    errors: { types: [NotFoundFailure], union: { name: 'EraseContactResult' } },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      const erased = await context.contactErasure.erase(context.viewer, await contactIdOf(context, id))
      if (erased === undefined) throw new NotFoundFailure()
      return erased
    },
  }),
)
