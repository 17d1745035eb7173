import { inWorkspace } from '../../../workspaces/viewer.ts'
import { builder } from '../../schema/builder.ts'
import {
  connectionType,
  cursorList,
  pageArgs,
  pageComplexity,
  pageOf,
  readSlice,
} from '../../schema/relay/connection.ts'
import { idKey, keysetQuery } from '../../schema/relay/keyset.ts'

const AuditEntry = builder.prismaNode('AuditEntry', {
  id: { resolve: ({ id }) => id },
  findUnique: (id, { viewer: { workspaceId } }) => ({ workspaceId_id: { workspaceId, id } }),
  nullable: true,
  authScopes: { scope: 'ADMIN' },
  fields: (t) => ({
    action: t.exposeString('action'),
    actor: t.exposeString('actor', { description: 'The id of a key, or `system`.' }),
    targetId: t.exposeID('targetId', { nullable: true }),
    at: t.expose('at', { type: 'DateTime' }),
    details: t.field({ type: 'JSON', resolve: ({ details }) => details }),
  }),
})

const AuditEntryConnection = connectionType('AuditEntry', AuditEntry)

builder.queryField('auditLog', (t) =>
  t.field({
    type: AuditEntryConnection,
    authScopes: { scope: 'ADMIN' },
    complexity: pageComplexity,
    args: pageArgs,
    resolve: async (_root, args, context) => {
      const { viewer, database } = context
      const scope = cursorList(context, 'auditLog')
      const slice = readSlice(args, scope)
      const { range, orderBy, take } = keysetQuery(slice)
      const rows = await database.prisma.auditEntry.findMany({ where: inWorkspace(viewer, range), orderBy, take })
      return pageOf(rows, slice, scope, idKey)
    },
  }),
)
