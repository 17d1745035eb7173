import { queryFromInfo } from '@pothos/plugin-prisma'
import { deleteWorkspace, disableWorkspace, enableWorkspace } from '../../../workspaces/workspace-end.ts'
import { builder } from '../../schema/builder.ts'
import {
  connectionType,
  cursorList,
  nodePaths,
  pageArgs,
  pageComplexity,
  pageOf,
  readSlice,
} from '../../schema/relay/connection.ts'
import { idKey, keysetQuery } from '../../schema/relay/keyset.ts'
import { DeleteSuccess } from '../shared/delete-success.ts'
import { expectingFailures, NotFoundFailure, ValidationFailure } from '../shared/user-error.ts'
import { readWorkspace, UpdateWorkspaceResult, Workspace } from './workspace.ts'

const WorkspaceConnection = connectionType('Workspace', Workspace)

builder.queryField('workspaces', (t) =>
  t.field({
    type: WorkspaceConnection,
    description: 'All workspaces of this installation, newest first. Only for ADMIN keys of the default workspace.',
    authScopes: { operator: true },
    complexity: pageComplexity,
    args: pageArgs,
    resolve: async (_root, args, context, info) => {
      const { database } = context
      const scope = cursorList(context, 'workspaces')
      const slice = readSlice(args, scope)
      const { range, orderBy, take } = keysetQuery(slice)
      const rows = await database.prisma.workspace.findMany({
        ...queryFromInfo({ context, info, include: {}, paths: nodePaths }),
        where: { deletedAt: null, ...range },
        orderBy,
        take,
      })
      return pageOf(rows, slice, scope, idKey)
    },
  }),
)

builder.mutationField('disableWorkspace', (t) =>
  t.field({
    type: UpdateWorkspaceResult,
    nullable: true,
    description: 'Until it is enabled again, all its requests are refused and its deliveries wait. No data is lost.',
    authScopes: { operator: true },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context, info) => {
      const { database, access, viewer: operator } = context
      await expectingFailures(() => disableWorkspace(database, { id, operator }))
      access.withdraw({ workspaceId: id })
      return readWorkspace(context, info, id)
    },
  }),
)

builder.mutationField('enableWorkspace', (t) =>
  t.field({
    type: UpdateWorkspaceResult,
    nullable: true,
    authScopes: { operator: true },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context, info) => {
      const { database, access, viewer: operator } = context
      await expectingFailures(() => enableWorkspace(database, { id, operator }))
      access.renew()
      return readWorkspace(context, info, id)
    },
  }),
)

builder.mutationField('deleteWorkspace', (t) =>
  t.field({
    type: DeleteSuccess,
    nullable: true,
    description:
      'Deletes it permanently with all its data. Repeat its slug to confirm; the slug is free again once all data is deleted.',
    authScopes: { operator: true },
    errors: { types: [ValidationFailure, NotFoundFailure], union: { name: 'DeleteWorkspaceResult' } },
    args: { id: t.arg.id({ required: true }), confirmSlug: t.arg.string({ required: true }) },
    resolve: async (_root, { id, confirmSlug }, { database, access, viewer: operator }) => {
      await expectingFailures(() => deleteWorkspace(database, { id, confirmSlug, operator }))
      access.withdraw({ workspaceId: id })
      return { deletedId: id }
    },
  }),
)
