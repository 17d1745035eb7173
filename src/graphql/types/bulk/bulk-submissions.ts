import { builder } from '../../schema/builder.ts'
import { BulkResultRef, bulkComplexity, changeEach } from './bulk-change.ts'

builder.mutationFields((t) => ({
  releaseSubmissions: t.field({
    type: [BulkResultRef],
    nullable: true,
    description: 'Does what `releaseSubmission` does, for at most 100 submissions.',
    authScopes: { scope: 'CONTACTS_WRITE' },
    complexity: bulkComplexity,
    args: { ids: t.arg.idList({ required: true }) },
    resolve: (_root, { ids }, { moderation, viewer }) =>
      changeEach(ids, async (id) => {
        await moderation.release(viewer, id)
      }),
  }),
  markSubmissionsSpam: t.field({
    type: [BulkResultRef],
    nullable: true,
    description: 'Does what `markSubmissionSpam` does, for at most 100 submissions.',
    authScopes: { scope: 'CONTACTS_WRITE' },
    complexity: bulkComplexity,
    args: { ids: t.arg.idList({ required: true }) },
    resolve: (_root, { ids }, { moderation, viewer }) =>
      changeEach(ids, async (id) => {
        await moderation.markSpam(viewer, id)
      }),
  }),
}))
