import { queryFromInfo } from '@pothos/plugin-prisma'
import type { Source as SourceRow, Submission as SubmissionRow } from '../../../generated/prisma/client.ts'
import { inWorkspace } from '../../../workspaces/viewer.ts'
import { builder } from '../../schema/builder.ts'
import { boundedFilter } from '../../schema/relay/bounded-list.ts'
import { nodePaths, pageArgs, pageComplexity } from '../../schema/relay/connection.ts'
import { createDataLoader } from '../../schema/relay/data-loader.ts'
import { idKey } from '../../schema/relay/keyset.ts'
import { nestedConnections } from '../../schema/relay/nested-connection.ts'
import { Submission, SubmissionConnection, SubmissionStatusRef } from '../submission/submission.ts'
import { Source } from './source.ts'

const submissionsOfSource = nestedConnections<SubmissionRow>({
  name: 'Source.submissions',
  table: 'submission',
  parentColumn: 'source_id',
  orderColumn: 'id',
  keyOf: idKey,
  load: (context, ids, info) =>
    context.database.prisma.submission.findMany({
      ...queryFromInfo({ context, info, include: {}, paths: nodePaths }),
      where: inWorkspace(context.viewer, { id: { in: [...ids] } }),
    }),
})

builder.objectField(Source, 'submissions', (t) =>
  t.field({
    type: SubmissionConnection,
    authScopes: { scope: 'CONTACTS_READ' },
    complexity: pageComplexity,
    args: { ...pageArgs, status: t.arg({ type: [SubmissionStatusRef], description: boundedFilter }) },
    resolve: ({ id }, args, context, info) => submissionsOfSource(id, args, context, info),
  }),
)

/** Loads the sources of a list of submissions with one query. */
const sourceById = createDataLoader<string, SourceRow>(async ({ database, viewer }, ids) => {
  const rows = await database.prisma.source.findMany({ where: inWorkspace(viewer, { id: { in: [...ids] } }) })
  return new Map(rows.map((row) => [row.id, row]))
})

builder.objectField(Submission, 'inboundSource', (t) =>
  t.field({
    type: Source,
    nullable: true,
    description: 'The source that it came through; null for /capture, and when the source was deleted.',
    resolve: async ({ sourceId }, _args, context) =>
      sourceId === null ? null : ((await sourceById(context, sourceId)) ?? null),
  }),
)
