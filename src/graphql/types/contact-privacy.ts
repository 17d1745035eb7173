import type { ErasedContact } from '../../contacts/erasure.ts'
import { builder } from '../builder.ts'
import { NotFoundFailure } from './user-error.ts'

const EraseContactSuccess = builder.objectRef<ErasedContact>('EraseContactSuccess').implement({
  fields: (t) => ({
    erasedId: t.exposeID('id'),
    submissionsRedacted: t.exposeInt('submissionsRedacted', {
      description: 'With those that were held or spam for the same e-mail.',
    }),
    eventsRedacted: t.exposeInt('eventsRedacted'),
    deliveriesCanceled: t.exposeInt('deliveriesCanceled'),
  }),
})

builder.mutationField('eraseContact', (t) =>
  t.field({
    type: EraseContactSuccess,
    nullable: true,
    description:
      'Takes the person out of all that is stored, for good, and tells the endpoints that know of the contact by `contact.erased`.',
    authScopes: { scope: 'PRIVACY_ERASE' },
    errors: { types: [NotFoundFailure], union: { name: 'EraseContactResult' } },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, { contactErasure, viewer }) => {
      const erased = await contactErasure.erase(viewer, id)
      if (erased === undefined) throw new NotFoundFailure()
      return erased
    },
  }),
)
