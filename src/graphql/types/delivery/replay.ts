import { maxRunningReplays, type ReplayResult } from '../../../delivery/replay.ts'
import { inWorkspace } from '../../../workspaces/viewer.ts'
import { builder } from '../../schema/builder.ts'
import { LimitReachedFailure, NotFoundFailure, ValidationFailure, withLimit } from '../shared/user-error.ts'
import { WebhookEndpoint } from '../webhook-endpoint/webhook-endpoint.ts'
import { DeliveryStatusRef } from './delivery.ts'
import { endpointReplays, type ReplayRow } from './endpoint-replays.ts'

const Replay = builder.objectRef<ReplayRow>('Replay').implement({
  description: 'A job that sends a range of events to one endpoint again; it continues after a restart.',
  authScopes: { scope: 'WEBHOOKS_READ' },
  fields: (t) => ({
    id: t.exposeID('id'),
    endpointId: t.exposeID('endpointId'),
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime' }),
    matched: t.exposeInt('matched'),
    enqueued: t.exposeInt('enqueued', {
      description: 'Enqueued so far. Events that were sent in the meantime are not enqueued again.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    completedAt: t.expose('completedAt', { type: 'DateTime', nullable: true }),
  }),
})

const ReplaySuccess = builder.objectRef<ReplayResult>('ReplaySuccess').implement({
  fields: (t) => ({
    matched: t.exposeInt('matched'),
    enqueued: t.exposeInt('enqueued', { description: '0 for a dry run.' }),
    replayId: t.exposeID('id', { nullable: true, description: 'For Query.replay. Null for a dry run.' }),
  }),
})

builder.objectField(WebhookEndpoint, 'replays', (t) =>
  t.field({
    type: [Replay],
    authScopes: { scope: 'WEBHOOKS_READ' },
    description: 'The newest first, at most 10. Among the newest 200 of the workspace.',
    complexity: { field: 1, multiplier: 1 },
    resolve: async ({ id }, _args, context) => [...((await endpointReplays(context, id)) ?? [])],
  }),
)

builder.queryField('replay', (t) =>
  t.field({
    type: Replay,
    nullable: true,
    description: 'The progress of a replay.',
    authScopes: { scope: 'WEBHOOKS_READ' },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, { database, viewer }) =>
      database.prisma.replay.findFirst({ where: inWorkspace(viewer, { id }) }),
  }),
)

const ReplayDeliveriesInput = builder.inputType('ReplayDeliveriesInput', {
  fields: (t) => ({
    endpointId: t.id({ required: true }),
    from: t.field({ type: 'DateTime', required: true }),
    to: t.field({ type: 'DateTime', description: 'Exclusive; now if omitted.' }),
    status: t.field({ type: [DeliveryStatusRef], defaultValue: ['FAILED', 'HELD'] }),
    includeNeverSent: t.boolean({ required: true, defaultValue: false }),
    dryRun: t.boolean({ required: true, defaultValue: false }),
  }),
})

builder.mutationField('replayDeliveries', (t) =>
  t.field({
    type: ReplaySuccess,
    nullable: true,
    authScopes: { scope: 'WEBHOOKS_WRITE' },
    errors: {
      types: [ValidationFailure, NotFoundFailure, LimitReachedFailure],
      union: { name: 'ReplayDeliveriesResult' },
    },
    args: { input: t.arg({ type: ReplayDeliveriesInput, required: true }) },
    resolve: (_root, { input: { to, status, ...range } }, { replays, viewer }) =>
      withLimit(
        maxRunningReplays,
        () => replays.request(viewer, { ...range, to: to ?? null, status: status ?? [] }),
        'endpointId',
      ),
  }),
)
