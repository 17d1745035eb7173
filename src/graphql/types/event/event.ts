import { queryFromInfo } from '@pothos/plugin-prisma'
import { canReadPii, maskEmails } from '../../../contacts/masking.ts'
import { type CursorKey, contactEventList, eventList } from '../../../events/cursor.ts'
import { parseBody } from '../../../events/event-types.ts'
import type { Event as EventRow } from '../../../generated/prisma/client.ts'
import { inWorkspace } from '../../../workspaces/viewer.ts'
import { builder } from '../../schema/builder.ts'
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
import { positionOf } from '../../schema/relay/keyset.ts'
import { nestedConnections } from '../../schema/relay/nested-connection.ts'
import { Contact } from '../contact/contact.ts'
import { eventList as listOfTypes } from './event-list.ts'
import { eventsAfter, isStreamGap, type StreamGap as StreamGapShape } from './event-stream.ts'

export const Event = builder.prismaNode('Event', {
  id: { resolve: ({ id }) => id },
  findUnique: (id, { viewer: { workspaceId } }) => ({ workspaceId_id: { workspaceId, id } }),
  nullable: true,
  authScopes: { scope: 'EVENTS_READ' },
  fields: (t) => ({
    type: t.exposeString('type', { description: '"contact.created": a String, so that new types break no client.' }),
    cursor: t.string({
      description: 'Resume token, see Subscription.events.',
      resolve: ({ workspaceId, position }, _args, { cursors }) => cursors.ofEvent(workspaceId, Number(position)),
    }),
    contact: t.relation('contact', { nullable: true }),
    data: t.field({
      type: 'JSON',
      description: 'The "data" of the webhook body.',
      resolve: ({ body }, _args, { viewer }) => {
        const { data } = parseBody(body)
        return canReadPii(viewer) ? data : maskEmails(data)
      },
    }),
    changedFields: t.stringList({
      description: 'The "changed" of the webhook body of contact.updated; empty for other types.',
      resolve: ({ body }) => parseBody(body).changed,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
})

const EventConnection = connectionType('Event', Event)

const positionKey = ({ position }: { readonly position: bigint }): CursorKey => [Number(position)]

const eventsOfContact = nestedConnections<EventRow>({
  name: contactEventList,
  table: 'event',
  parentColumn: 'contact_id',
  orderColumn: 'position',
  keyOf: positionKey,
  load: (context, ids, info) =>
    context.database.prisma.event.findMany({
      ...queryFromInfo({ context, info, include: {}, paths: nodePaths }),
      where: inWorkspace(context.viewer, { id: { in: [...ids] } }),
    }),
})

builder.objectField(Contact, 'events', (t) =>
  t.field({
    type: EventConnection,
    complexity: pageComplexity,
    args: pageArgs,
    resolve: ({ id }, args, context, info) => eventsOfContact(id, args, context, info),
  }),
)

builder.queryField('events', (t) =>
  t.field({
    type: EventConnection,
    description: 'Newest first; an edge has the same cursor as its event.',
    authScopes: { scope: 'EVENTS_READ' },
    complexity: pageComplexity,
    args: { ...pageArgs, types: t.arg.stringList({ description: boundedFilter }) },
    resolve: async (_root, { types, ...args }, context, info) => {
      const { viewer, database } = context
      const scope = cursorList(context, eventList)
      const slice = readSlice(args, scope)
      const query = queryFromInfo({ context, info, include: {}, paths: nodePaths })
      if (types) {
        const { ids, resume } = await readIds(context, listOfTypes(types, slice), slice)
        const found = await database.prisma.event.findMany({
          ...query,
          where: inWorkspace(viewer, { id: { in: [...ids] } }),
        })
        return pageOf(sortByIds(ids, found), slice, scope, positionKey, resume)
      }
      const { size, fromEnd, after, before } = slice
      const position = { ...(after && { lt: positionOf(after) }), ...(before && { gt: positionOf(before) }) }
      const rows = await database.prisma.event.findMany({
        ...query,
        where: inWorkspace(viewer, { position }),
        orderBy: { position: fromEnd ? 'asc' : 'desc' },
        take: size + 1,
      })
      return pageOf(rows, slice, scope, positionKey)
    },
  }),
)

const StreamGap = builder.objectRef<StreamGapShape>('StreamGap').implement({
  description: 'Some events after the cursor were deleted: refetch.',
  fields: (t) => ({
    reason: t.exposeString('reason'),
    resumedAt: t.exposeString('resumedAt', { description: 'The cursor after which the stream continues.' }),
  }),
})

const EventStreamItem = builder.unionType('EventStreamItem', {
  types: [Event, StreamGap],
  resolveType: (item) => (isStreamGap(item) ? 'StreamGap' : 'Event'),
})

builder.subscriptionField('events', (t) =>
  t.field({
    type: EventStreamItem,
    description:
      'Everything, in order. With after, what was missed comes first; StreamGap says that part of it is gone: refetch.',
    authScopes: { scope: 'EVENTS_READ' },
    args: { types: t.arg.stringList(), after: t.arg.string() },
    subscribe: (_root, { types, after }, context) => eventsAfter(context, after, types),
    resolve: (item) => item,
  }),
)
