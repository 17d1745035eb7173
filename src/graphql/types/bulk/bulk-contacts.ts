import { AppError } from '../../../platform/errors.ts'
import { builder } from '../../schema/builder.ts'
import { contactIdOf } from '../contact/contact-aliases.ts'
import { BulkResultRef, bulkComplexity, changeEach } from './bulk-change.ts'

builder.mutationField('updateContacts', (t) =>
  t.field({
    type: [BulkResultRef],
    nullable: true,
    description: 'Sets the stage of at most 100 contacts.',
    authScopes: { scope: 'CONTACTS_WRITE' },
    complexity: bulkComplexity,
    args: { ids: t.arg.idList({ required: true }), stage: t.arg.string({ required: true }) },
    resolve: (_root, { ids, stage }, context) =>
      changeEach(ids, async (given) => {
        const id = await contactIdOf(context, given)
        const { kind } = await context.contactEdits.update(context.viewer, { id, fields: { stage } })
        if (kind !== 'updated') throw new AppError('not_found', 'Nothing exists with this id.')
      }),
  }),
)
