import { queryFromInfo } from '@pothos/plugin-prisma'
import type { Delivery as DeliveryRow } from '../../../generated/prisma/client.ts'
import { AttemptError, AttemptTrigger, DeliveryStatus } from '../../../generated/prisma/enums.ts'
import { inWorkspace } from '../../../workspaces/viewer.ts'
import type { Context } from '../../execution/context.ts'
import { builder, written } from '../../schema/builder.ts'
import { boundedFilter, readIds, sortByIds } from '../../schema/relay/bounded-list.ts'
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
import { type ChildList, nestedConnections } from '../../schema/relay/nested-connection.ts'
import { Contact } from '../contact/contact.ts'
import { contactIdOf } from '../contact/contact-aliases.ts'
import { Event } from '../event/event.ts'
import { DateTimeFilter } from '../shared/filters.ts'
import { ConflictFailure, expectingFailures, NotFoundFailure } from '../shared/user-error.ts'
import { WebhookEndpoint } from '../webhook-endpoint/webhook-endpoint.ts'
import { attemptFor } from './attempt-view.ts'
import { deliveryList } from './delivery-list.ts'

export const DeliveryStatusRef = builder.enumType('DeliveryStatus', {
  description: 'HELD: the endpoint is disabled; nothing is thrown away, enabling or replaying sends it.',
  values: Object.values(DeliveryStatus),
})
const AttemptTriggerRef = builder.enumType('AttemptTrigger', { values: Object.values(AttemptTrigger) })
export const AttemptErrorRef = builder.enumType('AttemptError', { values: Object.values(AttemptError) })

export const Delivery = builder.prismaNode('Delivery', {
  id: { resolve: ({ id }) => id },
  findUnique: (id, { viewer: { workspaceId } }) => ({ workspaceId_id: { workspaceId, id } }),
  nullable: true,
  authScopes: { scope: 'WEBHOOKS_READ', $granted: written },
  fields: (t) => ({
    endpoint: t.relation('endpoint', {
      nullable: true,
      description: 'Null once the endpoint is deleted; the history stays.',
    }),
    event: t.relation('event'),
    status: t.expose('status', { type: DeliveryStatusRef }),
    attemptCount: t.exposeInt('attemptCount'),
    nextAttemptAt: t.expose('nextAttemptAt', { type: 'DateTime', nullable: true }),
    attempts: t.field({
      type: [Attempt],
      select: (_args, _context, nested) => ({ attempts: nested({ orderBy: { number: 'asc' } }) }),
      complexity: { field: 1, multiplier: 10 },
      // A second statement reads them: one that ended meanwhile is not counted yet.
      resolve: ({ attempts, attemptCount }) => attempts.filter(({ number }) => number <= attemptCount),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    completedAt: t.expose('completedAt', { type: 'DateTime', nullable: true }),
  }),
})

export const Attempt = builder.prismaNode('Attempt', {
  id: { resolve: ({ id }) => id },
  findUnique: (id, { viewer: { workspaceId } }) => ({ workspaceId_id: { workspaceId, id } }),
  nullable: true,
  authScopes: { scope: 'WEBHOOKS_READ' },
  fields: (t) => ({
    number: t.exposeInt('number'),
    trigger: t.expose('trigger', { type: AttemptTriggerRef }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    durationMs: t.int({
      description: '0 for a non-public address, without ADMIN.',
      resolve: (attempt, _args, { viewer }) => attemptFor(viewer, attempt).durationMs,
    }),
    responseStatus: t.int({
      nullable: true,
      description: 'Null for a non-public address, without ADMIN.',
      resolve: (attempt, _args, { viewer }) => attemptFor(viewer, attempt).responseStatus,
    }),
    responseBody: t.string({
      nullable: true,
      description:
        'At most 4 KiB, invalid UTF-8 replaced. Null for keys without PII_READ, and for a non-public address without ADMIN.',
      resolve: (attempt, _args, { viewer }) => attemptFor(viewer, attempt).responseBody,
    }),
    error: t.field({
      type: AttemptErrorRef,
      nullable: true,
      description: 'CONNECT for every failure of a non-public address, without ADMIN.',
      resolve: (attempt, _args, { viewer }) => attemptFor(viewer, attempt).error,
    }),
    detail: t.string({
      nullable: true,
      description:
        'One line with the reason: the code of the parser or of TLS, and the status line received. Complete only for ADMIN.',
      resolve: (attempt, _args, { viewer }) => attemptFor(viewer, attempt).detail,
    }),
  }),
})

const DeliveryConnection = connectionType('Delivery', Delivery)

const deliveriesBy = (name: string, parentColumn: ChildList<DeliveryRow>['parentColumn']) =>
  nestedConnections<DeliveryRow>({
    name,
    table: 'delivery',
    parentColumn,
    orderColumn: 'id',
    keyOf: idKey,
    load: (context, ids, info) =>
      context.database.prisma.delivery.findMany({
        ...queryFromInfo({ context, info, include: {}, paths: nodePaths }),
        where: inWorkspace(context.viewer, { id: { in: [...ids] } }),
      }),
  })

const deliveriesOfContact = deliveriesBy('Contact.deliveries', 'contact_id')
const deliveriesOfEvent = deliveriesBy('Event.deliveries', 'event_id')
const deliveriesOfEndpoint = deliveriesBy('WebhookEndpoint.deliveries', 'endpoint_id')

builder.objectField(Contact, 'deliveries', (t) =>
  t.field({
    type: DeliveryConnection,
    description: 'Who has been told about this contact, and who has not yet: one row per webhook delivery.',
    complexity: pageComplexity,
    args: pageArgs,
    resolve: ({ id }, args, context, info) => deliveriesOfContact(id, args, context, info),
  }),
)

builder.objectField(Event, 'deliveries', (t) =>
  t.field({
    type: DeliveryConnection,
    complexity: pageComplexity,
    args: pageArgs,
    resolve: ({ id }, args, context, info) => deliveriesOfEvent(id, args, context, info),
  }),
)

builder.objectField(WebhookEndpoint, 'deliveries', (t) =>
  t.field({
    type: DeliveryConnection,
    authScopes: { scope: 'WEBHOOKS_READ' }, // Cursors and counts too.
    complexity: pageComplexity,
    args: { ...pageArgs, status: t.arg({ type: [DeliveryStatusRef], description: boundedFilter }) },
    resolve: ({ id }, args, context, info) => deliveriesOfEndpoint(id, args, context, info),
  }),
)

builder.queryField('delivery', (t) =>
  t.prismaField({
    type: Delivery,
    nullable: true,
    authScopes: { scope: 'WEBHOOKS_READ' },
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, { database, viewer }) =>
      database.prisma.delivery.findFirst({ ...query, where: inWorkspace(viewer, { id }) }),
  }),
)

builder.queryField('deliveries', (t) =>
  t.field({
    type: DeliveryConnection,
    authScopes: { scope: 'WEBHOOKS_READ' },
    complexity: pageComplexity,
    args: { ...pageArgs, filter: t.arg({ type: DeliveryFilter, description: boundedFilter }) },
    resolve: async (_root, { filter, ...args }, context, info) => {
      const { viewer, database } = context
      const scope = cursorList(context, 'deliveries')
      const slice = readSlice(args, scope)
      const query = queryFromInfo({ context, info, include: {}, paths: nodePaths })
      if (filter) {
        const contactId = filter.contactId == null ? undefined : await contactIdOf(context, filter.contactId)
        const { ids, resume } = await readIds(context, deliveryList({ ...filter, contactId }, slice), slice)
        const found = await database.prisma.delivery.findMany({
          ...query,
          where: inWorkspace(viewer, { id: { in: [...ids] } }),
        })
        return pageOf(sortByIds(ids, found), slice, scope, idKey, resume)
      }
      const { range, orderBy, take } = keysetQuery(slice)
      const rows = await database.prisma.delivery.findMany({
        ...query,
        where: inWorkspace(viewer, range),
        orderBy,
        take,
      })
      return pageOf(rows, slice, scope, idKey)
    },
  }),
)

const DeliveryFilter = builder.inputType('DeliveryFilter', {
  fields: (t) => ({
    endpointId: t.id(),
    eventId: t.id(),
    contactId: t.id(),
    status: t.field({ type: [DeliveryStatusRef] }),
    createdAt: t.field({ type: DateTimeFilter }),
  }),
})

const DeliveryResult = builder.errorUnion('DeliveryResult', { types: [Delivery, NotFoundFailure, ConflictFailure] })

builder.mutationField('sendTestEvent', (t) =>
  t.field({
    type: DeliveryResult,
    nullable: true,
    authScopes: { scope: 'WEBHOOKS_WRITE' },
    grantScopes: [written],
    args: { endpointId: t.arg.id({ required: true }) },
    resolve: async (_root, { endpointId }, context) => {
      const { manualDeliveries, viewer } = context
      const id = await expectingFailures(() => manualDeliveries.sendTest(viewer, endpointId), 'endpointId')
      return Delivery.addBrand(await readDelivery(context, id))
    },
  }),
)

builder.mutationField('retryDelivery', (t) =>
  t.field({
    type: DeliveryResult,
    nullable: true,
    authScopes: { scope: 'WEBHOOKS_WRITE' },
    grantScopes: [written],
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      await expectingFailures(() => context.manualDeliveries.retry(context.viewer, id))
      return Delivery.addBrand(await readDelivery(context, id))
    },
  }),
)

builder.subscriptionField('deliveryUpdated', (t) =>
  t.prismaField({
    type: Delivery,
    authScopes: { scope: 'WEBHOOKS_READ' },
    args: { endpointId: t.arg.id() },
    subscribe: (_root, { endpointId }, { deliveryUpdates, viewer: { workspaceId } }) =>
      deliveryUpdates.subscribe({ workspaceId, ...(endpointId != null && { endpointId }) }),
    resolve: (query, { deliveryId }, _args, context) => readDelivery(context, deliveryId, query),
  }),
)

function readDelivery({ database, viewer: { workspaceId } }: Context, id: string, query: object = {}) {
  return database.prisma.delivery.findUniqueOrThrow({ ...query, where: { workspaceId_id: { workspaceId, id } } })
}
