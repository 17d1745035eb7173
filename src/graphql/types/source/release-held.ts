import type { ReleasedSubmissions } from '../../../capture/moderation.ts'
import { builder } from '../../schema/builder.ts'
import { expectingFailures, NotFoundFailure } from '../shared/user-error.ts'

const ReleaseHeldSuccess = builder.objectRef<ReleasedSubmissions>('ReleaseHeldSuccess').implement({
  fields: (t) => ({
    released: t.exposeInt('released'),
    stillHeld: t.exposeInt('stillHeld', { description: 'Submissions that are HELD as before.' }),
  }),
})

builder.mutationField('releaseHeld', (t) =>
  t.field({
    type: ReleaseHeldSuccess,
    nullable: true,
    description:
      'Accepts all HELD submissions of a source that it would accept now, such as after a change of its mapping. Test leads stay held.',
    authScopes: { scope: 'CONTACTS_WRITE' },
    // It reads and writes many rows.
    complexity: 100,
    errors: { types: [NotFoundFailure], union: { name: 'ReleaseHeldResult' } },
    args: { sourceId: t.arg.id({ required: true }) },
    resolve: (_root, { sourceId }, { moderation, viewer }) =>
      expectingFailures(() => moderation.releaseHeld(viewer, sourceId), 'sourceId'),
  }),
)
