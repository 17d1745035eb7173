import { maxSources } from '../../../sources/source-store.ts'
import type { Context } from '../../execution/context.ts'
import { builder, written } from '../../schema/builder.ts'
import { DeleteSuccess } from '../shared/delete-success.ts'
import {
  expectingFailures,
  LimitReachedFailure,
  NotFoundFailure,
  ValidationFailure,
  withLimit,
} from '../shared/user-error.ts'
import { withoutNulls } from '../shared/without-nulls.ts'
import { Source, SourceKindRef } from './source.ts'

export const MappingRuleInput = builder.inputType('MappingRuleInput', {
  fields: (t) => ({
    field: t.string({
      required: true,
      description: 'email, first_name, last_name, full_name, phone, company, source or metadata.KEY.',
    }),
    paths: t.stringList({ required: true, description: 'The first one whose value is not blank counts.' }),
  }),
})

const header =
  'For kinds that sign nothing: the header that has the secret, or `sha256=` and the HMAC of the body. X-Webhook-Secret if null.'

const CreateSourceInput = builder.inputType('CreateSourceInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    kind: t.field({ type: SourceKindRef, required: true, defaultValue: 'GENERIC' }),
    secret: t.string({ description: 'The secret that the tool signs with. Without one its requests are unverified.' }),
    header: t.string({ description: header }),
    mapping: t.field({ type: [MappingRuleInput] }),
  }),
})

const UpdateSourceInput = builder.inputType('UpdateSourceInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    name: t.string(),
    kind: t.field({ type: SourceKindRef }),
    secret: t.string({ description: 'Null takes it away: requests are accepted unverified.' }),
    overlapHours: t.int({
      required: true,
      defaultValue: 24,
      description: 'How long the replaced secret stays valid: 0 to 168 hours.',
    }),
    header: t.string({ description: header }),
    mapping: t.field({ type: [MappingRuleInput] }),
    enabled: t.boolean(),
  }),
})

const fieldNames = { overlapHours: 'overlapHours' }

builder.mutationField('createSource', (t) =>
  t.prismaField({
    type: Source,
    nullable: true,
    authScopes: { scope: 'SOURCES_WRITE' },
    grantScopes: [written],
    errors: { types: [ValidationFailure, LimitReachedFailure], union: { name: 'CreateSourceResult' } },
    args: { input: t.arg({ type: CreateSourceInput, required: true }) },
    resolve: async (query, _root, { input }, context) => {
      const { viewer, sources } = context
      const id = await withLimit(maxSources, () => sources.create(viewer, withoutNulls(input), fieldNames))
      return readSource(context, id, query)
    },
  }),
)

builder.mutationField('updateSource', (t) =>
  t.prismaField({
    type: Source,
    nullable: true,
    authScopes: { scope: 'SOURCES_WRITE' },
    grantScopes: [written],
    errors: { types: [ValidationFailure, NotFoundFailure], union: { name: 'UpdateSourceResult' } },
    args: { input: t.arg({ type: UpdateSourceInput, required: true }) },
    resolve: async (query, _root, { input: { id, secret, header, ...others } }, context) => {
      const change = {
        ...withoutNulls(others),
        ...(secret !== undefined && { secret }),
        ...(header !== undefined && { header }),
      }
      await expectingFailures(() => context.sources.update(context.viewer, id, change, fieldNames))
      return readSource(context, id, query)
    },
  }),
)

builder.mutationField('rotateSourceUrl', (t) =>
  t.prismaField({
    type: Source,
    nullable: true,
    description: 'Gives it a new URL. The old one stays valid for the overlap, 0 to 168 hours.',
    authScopes: { scope: 'SOURCES_WRITE' },
    grantScopes: [written],
    errors: { types: [NotFoundFailure, ValidationFailure], union: { name: 'RotateSourceUrlResult' } },
    args: {
      id: t.arg.id({ required: true }),
      overlapHours: t.arg.int({ required: true, defaultValue: 24 }),
    },
    resolve: async (query, _root, { id, overlapHours }, context) => {
      await expectingFailures(() => context.sources.rotateUrl(context.viewer, id, overlapHours, fieldNames))
      return readSource(context, id, query)
    },
  }),
)

builder.mutationField('deleteSource', (t) =>
  t.field({
    type: DeleteSuccess,
    nullable: true,
    description: 'Its URL is unknown at once; its submissions stay.',
    authScopes: { scope: 'SOURCES_WRITE' },
    errors: { types: [NotFoundFailure], union: { name: 'DeleteSourceResult' } },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, { sources, viewer }) => {
      await expectingFailures(() => sources.remove(viewer, id))
      return { deletedId: id }
    },
  }),
)

function readSource({ database, viewer: { workspaceId } }: Context, id: string, query: object) {
  return database.prisma.source.findUniqueOrThrow({ ...query, where: { workspaceId_id: { workspaceId, id } } })
}
