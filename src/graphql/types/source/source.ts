import { maskedText } from '../../../contacts/masking.ts'
import type { Source as SourceRow } from '../../../generated/prisma/client.ts'
import { SourceKind } from '../../../generated/prisma/enums.ts'
import { readMapping } from '../../../sources/mapping/stored-mapping.ts'
import { inWorkspace, type Viewer } from '../../../workspaces/viewer.ts'
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
import { noRequests, type SourceStats, sourceStats } from './source-stats.ts'

export const SourceKindRef = builder.enumType('SourceKind', { values: Object.values(SourceKind) })

const MappingRuleRef = builder
  .objectRef<{ readonly field: string; readonly paths: readonly string[] }>('MappingRule')
  .implement({
    fields: (t) => ({
      field: t.exposeString('field'),
      paths: t.stringList({ resolve: ({ paths }) => [...paths] }),
    }),
  })

const SourceStatsRef = builder.objectRef<SourceStats>('SourceStats').implement({
  fields: (t) => ({
    accepted: t.exposeInt('accepted'),
    held: t.exposeInt('held'),
    ignored: t.exposeInt('ignored'),
    refused: t.exposeInt('refused', { description: 'Requests with a wrong signature, or over the rate.' }),
  }),
})

export const Source = builder.prismaNode('Source', {
  description: 'A URL to which a tool posts its leads as it shapes them.',
  id: { resolve: ({ id }) => id },
  findUnique: (id, { viewer: { workspaceId } }) => ({ workspaceId_id: { workspaceId, id } }),
  nullable: true,
  authScopes: { scope: 'SOURCES_READ', $granted: written },
  fields: (t) => ({
    name: t.string({ resolve: ({ name }, _args, { viewer }) => maskedText(name, viewer) }),
    kind: t.expose('kind', { type: SourceKindRef }),
    url: t.field({
      type: 'URL',
      description: 'Who knows it can add leads to this source. Needs SOURCES_READ.',
      authScopes: { scope: 'SOURCES_READ' },
      resolve: (source, _args, { sources, baseUrl }) => sources.urlOf(source, baseUrl),
    }),
    enabled: t.exposeBoolean('enabled', { description: 'While it is false, its leads are HELD.' }),
    verified: t.boolean({
      description: 'Whether a secret is set: requests without the right signature are refused.',
      resolve: ({ secret }) => secret !== null,
    }),
    header: t.exposeString('header', {
      nullable: true,
      description:
        'For kinds that sign nothing: the header that has the secret, or `sha256=` and the HMAC of the body.',
    }),
    mapping: t.field({ type: [MappingRuleRef], resolve: (source, _args, { viewer }) => mappingFor(viewer, source) }),
    lastReceivedAt: t.expose('lastReceivedAt', { type: 'DateTime', nullable: true }),
    stats24h: t.field({
      type: SourceStatsRef,
      // It reads one row per submission of a day.
      complexity: 10,
      resolve: async ({ id }, _args, context) => (await sourceStats(context, id)) ?? noRequests,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
})

builder.queryField('source', (t) =>
  t.prismaField({
    type: Source,
    nullable: true,
    authScopes: { scope: 'SOURCES_READ' },
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, { database, viewer }) =>
      database.prisma.source.findFirst({ ...query, where: inWorkspace(viewer, { id }) }),
  }),
)

const SourceConnection = connectionType('Source', Source)

builder.queryField('sources', (t) =>
  t.field({
    type: SourceConnection,
    authScopes: { scope: 'SOURCES_READ' },
    complexity: pageComplexity,
    args: pageArgs,
    resolve: async (_root, args, context) => {
      const { viewer, database } = context
      const scope = cursorList(context, 'sources')
      const slice = readSlice(args, scope)
      const { range, orderBy, take } = keysetQuery(slice)
      const rows = await database.prisma.source.findMany({ where: inWorkspace(viewer, range), orderBy, take })
      return pageOf(rows, slice, scope, idKey)
    },
  }),
)

/** Paths can select by a value, which can be an e-mail. */
function mappingFor(viewer: Viewer, { mapping }: SourceRow) {
  return readMapping(mapping).map(({ field, paths }) => ({
    field,
    paths: paths.map((path) => maskedText(path, viewer)),
  }))
}
