import { countHeld, countHeldOfSources, type HeldOfSource } from '../../../capture/statistics/held-counts.ts'
import { type FailingEndpoint, readFailingEndpoints } from '../../../delivery/statistics/failing-endpoints.ts'
import { builder } from '../../schema/builder.ts'
import { Attempt } from '../delivery/delivery.ts'
import { Count, countLimit } from '../shared/count.ts'
import { Source } from '../source/source.ts'
import { WebhookEndpoint } from '../webhook-endpoint/webhook-endpoint.ts'

/** Cost of a list whose rows are each looked up. */
const listCost = 50

const FailingEndpointRef = builder.objectRef<FailingEndpoint>('FailingEndpoint').implement({
  authScopes: { scope: 'WEBHOOKS_READ' },
  fields: (t) => ({
    endpoint: t.prismaField({
      type: WebhookEndpoint,
      nullable: true,
      description: 'Null if it was deleted meanwhile.',
      resolve: (query, { endpointId: id }, _args, { database, viewer: { workspaceId } }) =>
        database.prisma.webhookEndpoint.findUnique({ ...query, where: { workspaceId_id: { workspaceId, id } } }),
    }),
    failingSince: t.expose('failingSince', { type: 'DateTime', nullable: true }),
    failures: t.exposeInt('failures', { description: 'Failed attempts since the last success.' }),
    lastAttempt: t.prismaField({
      type: Attempt,
      nullable: true,
      description: 'The newest failed attempt. Null if none is kept.',
      resolve: (query, { lastAttemptId: id }, _args, { database, viewer: { workspaceId } }) =>
        id === null
          ? null
          : database.prisma.attempt.findUnique({ ...query, where: { workspaceId_id: { workspaceId, id } } }),
    }),
  }),
})

const HeldOfSourceRef = builder.objectRef<HeldOfSource>('HeldOfSource').implement({
  authScopes: { scope: 'SOURCES_READ' },
  fields: (t) => ({
    source: t.prismaField({
      type: Source,
      nullable: true,
      description: 'Null if it was deleted meanwhile.',
      resolve: (query, { sourceId: id }, _args, { database, viewer: { workspaceId } }) =>
        database.prisma.source.findUnique({ ...query, where: { workspaceId_id: { workspaceId, id } } }),
    }),
    held: t.field({ type: Count, resolve: ({ held }) => ({ counted: held }) }),
  }),
})

const Attention = builder.objectRef<object>('Attention').implement({
  description: 'Things that wait for a person. Each field is null without the scope of its data.',
  fields: (t) => ({
    held: t.field({
      type: Count,
      nullable: true,
      description: 'Held submissions.',
      complexity: listCost,
      authScopes: { scope: 'CONTACTS_READ' },
      resolve: async (_root, _args, { database, viewer: { workspaceId } }) => ({
        counted: await countHeld(database, workspaceId, countLimit),
      }),
    }),
    failingEndpoints: t.field({
      type: [FailingEndpointRef],
      nullable: true,
      description: 'Endpoints that fail or were disabled for it, at most 20.',
      complexity: listCost,
      authScopes: { scope: 'WEBHOOKS_READ' },
      resolve: (_root, _args, { database, viewer: { workspaceId } }) => readFailingEndpoints(database, workspaceId),
    }),
    heldOfSources: t.field({
      type: [HeldOfSourceRef],
      nullable: true,
      description: 'Sources with held submissions, such as those that need a mapping.',
      complexity: listCost,
      authScopes: { scope: 'SOURCES_READ' },
      resolve: (_root, _args, { database, viewer: { workspaceId } }) =>
        countHeldOfSources(database, workspaceId, countLimit),
    }),
  }),
})

builder.queryField('attention', (t) => t.field({ type: Attention, nullable: true, resolve: () => ({}) }))
