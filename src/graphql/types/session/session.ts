import { type ListedSession, listSessions } from '../../../workspaces/sessions/session-list.ts'
import { endSession } from '../../../workspaces/sessions/sessions.ts'
import type { Context } from '../../execution/context.ts'
import { builder } from '../../schema/builder.ts'
import { DeleteSuccess } from '../shared/delete-success.ts'
import { NotFoundFailure } from '../shared/user-error.ts'

const Session = builder.objectRef<ListedSession>('Session').implement({
  description: 'A browser that is signed in. It acts with the rights of its key, and ends with it.',
  authScopes: { scope: 'ADMIN' },
  fields: (t) => ({
    id: t.exposeID('id'),
    apiKeyId: t.exposeID('apiKeyId', { description: 'The key with whose rights it acts.' }),
    userAgent: t.exposeString('userAgent', { description: 'Family of the browser, such as `Firefox on Linux`.' }),
    current: t.boolean({
      description: 'Whether it is the session that asks.',
      resolve: ({ id }, _args, { viewer }) => id === viewer.sessionId,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', description: 'To the minute.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'It ends earlier when it is idle for 12 hours.',
    }),
  }),
})

builder.queryField('sessions', (t) =>
  t.field({
    type: [Session],
    description: 'Sessions of the workspace that have not ended, newest first, at most 100.',
    authScopes: { scope: 'ADMIN' },
    complexity: 20,
    resolve: (_root, _args, { database, viewer: { workspaceId } }) => listSessions(database, workspaceId),
  }),
)

builder.mutationField('endSession', (t) =>
  t.field({
    type: DeleteSuccess,
    nullable: true,
    description: 'Ends a session and closes its live streams.',
    authScopes: { scope: 'ADMIN' },
    errors: { types: [NotFoundFailure], union: { name: 'EndSessionResult' } },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      const { workspaceId, apiKeyId: actor, sessionId: own } = context.viewer
      if (!(await endSession(context.database, { workspaceId, id, actor }))) throw new NotFoundFailure()
      // The streams of the session that asks close in the next turn, after its response is sent.
      if (id === own) setImmediate(withdraw, context, id)
      else withdraw(context, id)
      return { deletedId: id }
    },
  }),
)

function withdraw({ access, viewer: { workspaceId } }: Context, id: string): void {
  access.withdraw({ workspaceId, sessionIds: [id] })
}
