import { z } from 'zod'
import { Scope } from '../../../generated/prisma/enums.ts'
import { createApiKey, revokeApiKey } from '../../../workspaces/api-key.ts'
import type { Context } from '../../execution/context.ts'
import { builder } from '../../schema/builder.ts'
import { NotFoundFailure, ValidationFailure, validated } from '../shared/user-error.ts'

const ScopeRef = builder.enumType('Scope', { values: Object.values(Scope) })

const ApiKey = builder.prismaNode('ApiKey', {
  id: { resolve: ({ id }) => id },
  findUnique: (id, { viewer: { workspaceId } }) => ({ workspaceId_id: { workspaceId, id } }),
  nullable: true,
  // Every key may read itself.
  authScopes: ({ id }, { viewer }) => (id === viewer.apiKeyId ? true : { scope: 'ADMIN' }),
  fields: (t) => ({
    name: t.exposeString('name'),
    prefix: t.exposeString('prefix'),
    lastFour: t.exposeString('lastFour'),
    scopes: t.expose('scopes', { type: [ScopeRef] }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true }),
  }),
})

const CreateApiKeySuccess = builder
  .objectRef<{ readonly id: string; readonly token: string }>('CreateApiKeySuccess')
  .implement({
    fields: (t) => ({
      apiKey: t.prismaField({
        type: ApiKey,
        resolve: (query, { id }, _args, context) => readKey(context, id, query),
      }),
      token: t.exposeString('token', { description: 'Returned only once.' }),
    }),
  })

builder.queryField('viewer', (t) =>
  t.prismaField({
    type: ApiKey,
    description: 'The key that asks.',
    resolve: (query, _root, _args, context) => readKey(context, context.viewer.apiKeyId, query),
  }),
)

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    scopes: t.field({ type: [ScopeRef], required: true }),
    expiresAt: t.field({ type: 'DateTime' }),
  }),
})

const newKey = z.object({
  name: z.string().trim().min(1, 'a name is expected').max(100, 'at most 100 characters are allowed'),
  scopes: z.array(z.enum(Scope)).min(1, 'at least one scope is expected'),
  expiresAt: z
    .date()
    .refine((date) => date.getTime() > Date.now(), 'a time in the future is expected')
    .nullish(),
})

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: CreateApiKeySuccess,
    nullable: true,
    authScopes: { scope: 'ADMIN' },
    errors: { types: [ValidationFailure], union: { name: 'CreateApiKeyResult' } },
    args: { input: t.arg({ type: CreateApiKeyInput, required: true }) },
    resolve: (_root, { input }, { database, viewer: { workspaceId, apiKeyId: actor } }) => {
      const { name, scopes, expiresAt = null } = validated(newKey, input)
      return createApiKey(database, { workspaceId, actor, name, scopes: [...new Set(scopes)], expiresAt })
    },
  }),
)

builder.mutationField('revokeApiKey', (t) =>
  t.prismaField({
    type: ApiKey,
    nullable: true,
    authScopes: { scope: 'ADMIN' },
    errors: { types: [NotFoundFailure], union: { name: 'RevokeApiKeyResult' } },
    args: {
      id: t.arg.id({ required: true }),
      andMade: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'Whether to revoke also the keys that it has created, directly and indirectly; for a stolen key.',
      }),
    },
    resolve: async (query, _root, { id, andMade }, context) => {
      const { database, viewer } = context
      const { workspaceId, apiKeyId: actor } = viewer
      const revoked = await revokeApiKey(database, { workspaceId, id, actor, andMade })
      if (revoked === undefined) throw new NotFoundFailure()
      closeOtherStreams(context, revoked)
      const key = await readKey(context, id, query)
      if (revoked.includes(viewer.apiKeyId)) setImmediate(closeOwnStreams, context)
      return key
    },
  }),
)

/** Closes the streams of the revoked keys, except those of the viewer's own key. */
function closeOtherStreams({ access, viewers, viewer }: Context, revoked: readonly string[]): void {
  const { workspaceId, apiKeyId: viewerKeyId } = viewer
  if (revoked.includes(viewerKeyId)) viewers.forget(({ apiKeyId }) => apiKeyId === viewerKeyId)
  const apiKeyIds = revoked.filter((id) => id !== viewerKeyId)
  if (apiKeyIds.length > 0) access.withdraw({ workspaceId, apiKeyIds })
}

/** Closes the streams of the viewer's own key. Runs in the next turn of the event loop, after the response is sent. */
function closeOwnStreams({ access, viewer: { workspaceId, apiKeyId } }: Context): void {
  access.withdraw({ workspaceId, apiKeyIds: [apiKeyId] })
}

function readKey({ database, viewer: { workspaceId } }: Context, id: string, query: object) {
  return database.prisma.apiKey.findUniqueOrThrow({ ...query, where: { workspaceId_id: { workspaceId, id } } })
}
