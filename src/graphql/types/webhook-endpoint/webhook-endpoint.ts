import { WebhookEndpointStatus } from '../../../generated/prisma/enums.ts'
import { maxEndpoints } from '../../../webhooks/endpoints.ts'
import { inWorkspace } from '../../../workspaces/viewer.ts'
import type { Context } from '../../execution/context.ts'
import { builder, written } from '../../schema/builder.ts'
import {
  connectionType,
  cursorList,
  pageArgs,
  pageComplexity,
  pageOf,
  readSlice,
} from '../../schema/relay/connection.ts'
import { idKey, keysetQuery } from '../../schema/relay/keyset.ts'
import { DeleteSuccess } from '../shared/delete-success.ts'
import {
  expectingFailures,
  LimitReachedFailure,
  NotFoundFailure,
  UnsafeUrlFailure,
  ValidationFailure,
  withLimit,
} from '../shared/user-error.ts'
import { withoutNulls } from '../shared/without-nulls.ts'
import { type AttemptHour, endpointStats, hoursUntil } from './endpoint-stats.ts'

const StatusRef = builder.enumType('WebhookEndpointStatus', { values: Object.values(WebhookEndpointStatus) })

const AttemptHourRef = builder.objectRef<AttemptHour>('AttemptHour').implement({
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    attempts: t.exposeInt('attempts'),
    failed: t.exposeInt('failed'),
  }),
})

export const WebhookEndpoint = builder.prismaNode('WebhookEndpoint', {
  id: { resolve: ({ id }) => id },
  findUnique: (id, { viewer: { workspaceId } }) => ({ workspaceId_id: { workspaceId, id } }),
  nullable: true,
  authScopes: { scope: 'WEBHOOKS_READ', $granted: written },
  fields: (t) => ({
    url: t.expose('url', { type: 'URL' }),
    description: t.exposeString('description', { nullable: true }),
    events: t.exposeStringList('events', { description: '["*"] = all' }),
    status: t.expose('status', { type: StatusRef }),
    disabledReason: t.exposeString('disabledReason', { nullable: true }),
    secretHint: t.exposeString('secretHint', {
      description: 'The last four characters; the secret itself is returned once, by create and rotate.',
    }),
    previousSecretExpiresAt: t.expose('previousSecretExpiresAt', { type: 'DateTime', nullable: true }),
    maxInFlight: t.exposeInt('maxInFlight'),
    successRate24h: t.float({
      nullable: true,
      description: 'The share of attempts that were accepted. Null: nothing was delivered.',
      resolve: async ({ id }, _args, context) => (await endpointStats(context, id))?.successRate ?? null,
    }),
    p95LatencyMs24h: t.int({
      nullable: true,
      resolve: async ({ id }, _args, context) => (await endpointStats(context, id))?.p95LatencyMs ?? null,
    }),
    attemptsByHour24h: t.field({
      type: [AttemptHourRef],
      description: 'The last 24 hours, the oldest first; the last one ends now.',
      complexity: { field: 1, multiplier: 1 },
      resolve: async ({ id }, _args, context) =>
        hoursUntil(new Date(), (await endpointStats(context, id)) ?? { hours: [] }),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
})

interface WebhookSecret {
  readonly id: string
  readonly secret: string
}

const WebhookSecretSuccess = builder.objectRef<WebhookSecret>('WebhookSecretSuccess').implement({
  fields: (t) => ({
    endpoint: t.prismaField({
      type: WebhookEndpoint,
      grantScopes: [written],
      resolve: (query, { id }, _args, context) => readEndpoint(context, id, query),
    }),
    secret: t.exposeString('secret'),
  }),
})

builder.queryField('webhookEndpoint', (t) =>
  t.prismaField({
    type: WebhookEndpoint,
    nullable: true,
    authScopes: { scope: 'WEBHOOKS_READ' },
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, { database, viewer }) =>
      database.prisma.webhookEndpoint.findFirst({ ...query, where: inWorkspace(viewer, { id }) }),
  }),
)

const WebhookEndpointConnection = connectionType('WebhookEndpoint', WebhookEndpoint)

builder.queryField('webhookEndpoints', (t) =>
  t.field({
    type: WebhookEndpointConnection,
    authScopes: { scope: 'WEBHOOKS_READ' },
    complexity: pageComplexity,
    args: pageArgs,
    resolve: async (_root, args, context) => {
      const { viewer, database } = context
      const scope = cursorList(context, 'webhookEndpoints')
      const slice = readSlice(args, scope)
      const { range, orderBy, take } = keysetQuery(slice)
      const rows = await database.prisma.webhookEndpoint.findMany({ where: inWorkspace(viewer, range), orderBy, take })
      return pageOf(rows, slice, scope, idKey)
    },
  }),
)

const CreateWebhookEndpointInput = builder.inputType('CreateWebhookEndpointInput', {
  fields: (t) => ({
    url: t.field({ type: 'URL', required: true }),
    events: t.stringList({ required: true, defaultValue: ['contact.created'] }),
    secret: t.string({ description: '16 to 256 printable characters; generated if omitted.' }),
    description: t.string(),
    maxInFlight: t.int(),
  }),
})

const UpdateWebhookEndpointInput = builder.inputType('UpdateWebhookEndpointInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    url: t.field({ type: 'URL' }),
    events: t.stringList(),
    description: t.string({ description: 'Null clears it.' }),
    maxInFlight: t.int(),
    enabled: t.boolean(),
  }),
})

const fieldNames = { maxInFlight: 'maxInFlight' }

builder.mutationField('createWebhookEndpoint', (t) =>
  t.field({
    type: WebhookSecretSuccess,
    nullable: true,
    authScopes: { scope: 'WEBHOOKS_WRITE' },
    errors: {
      types: [ValidationFailure, UnsafeUrlFailure, LimitReachedFailure],
      union: { name: 'CreateWebhookEndpointResult' },
    },
    args: { input: t.arg({ type: CreateWebhookEndpointInput, required: true }) },
    resolve: (_root, { input }, { endpoints, viewer }) =>
      withLimit(maxEndpoints, () => endpoints.create(viewer, withoutNulls(input), fieldNames)),
  }),
)

builder.mutationField('updateWebhookEndpoint', (t) =>
  t.prismaField({
    type: WebhookEndpoint,
    nullable: true,
    authScopes: { scope: 'WEBHOOKS_WRITE' },
    grantScopes: [written],
    errors: {
      types: [ValidationFailure, UnsafeUrlFailure, NotFoundFailure],
      union: { name: 'UpdateWebhookEndpointResult' },
    },
    args: { input: t.arg({ type: UpdateWebhookEndpointInput, required: true }) },
    resolve: async (query, _root, { input: { id, description, ...input } }, context) => {
      const change = { ...withoutNulls(input), ...(description !== undefined && { description }) }
      await expectingFailures(() => context.endpoints.update(context.viewer, id, change, fieldNames))
      return readEndpoint(context, id, query)
    },
  }),
)

builder.mutationField('rotateWebhookSecret', (t) =>
  t.field({
    type: WebhookSecretSuccess,
    nullable: true,
    description:
      'Creates a new secret, which is returned only once. The old one stays valid for the overlap, 0 to 168 hours.',
    authScopes: { scope: 'WEBHOOKS_WRITE' },
    errors: {
      types: [NotFoundFailure, LimitReachedFailure, ValidationFailure],
      union: { name: 'RotateWebhookSecretResult' },
    },
    args: {
      id: t.arg.id({ required: true }),
      overlapHours: t.arg.int({ required: true, defaultValue: 24 }),
    },
    resolve: async (_root, { id, overlapHours }, { endpoints, viewer }) => {
      const request = { id, overlapHours, overlapPath: 'overlapHours' }
      return { id, secret: await expectingFailures(() => endpoints.rotateSecret(viewer, request)) }
    },
  }),
)

builder.mutationField('deleteWebhookEndpoint', (t) =>
  t.field({
    type: DeleteSuccess,
    nullable: true,
    authScopes: { scope: 'WEBHOOKS_WRITE' },
    errors: { types: [NotFoundFailure], union: { name: 'DeleteWebhookEndpointResult' } },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, { endpoints, viewer }) => {
      await expectingFailures(() => endpoints.remove(viewer, id))
      return { deletedId: id }
    },
  }),
)

function readEndpoint({ database, viewer: { workspaceId } }: Context, id: string, query: object) {
  return database.prisma.webhookEndpoint.findUniqueOrThrow({ ...query, where: { workspaceId_id: { workspaceId, id } } })
}
