import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { z } from 'zod'
import { MergePolicy } from '../../../generated/prisma/enums.ts'
import { isPhoneCountry } from '../../../sources/read/values/phones.ts'
import { createWorkspace, firstStage, slugPattern } from '../../../workspaces/workspace.ts'
import { changeWorkspaceSettings, type WorkspaceSettings } from '../../../workspaces/workspace-settings.ts'
import type { Context } from '../../execution/context.ts'
import { builder } from '../../schema/builder.ts'
import { expectingFailures, TakenFailure, ValidationFailure, validated } from '../shared/user-error.ts'
import { captureUrlOf } from './capture-url.ts'

const MergePolicyRef = builder.enumType('MergePolicy', { values: Object.values(MergePolicy) })

export const Workspace = builder.prismaNode('Workspace', {
  id: { resolve: ({ id }) => id },
  findUnique: (id, { viewer }) => ({ id, AND: [{ id: viewer.workspaceId }] }),
  nullable: true,
  authScopes: { scope: 'ADMIN' },
  fields: (t) => ({
    slug: t.exposeString('slug'),
    name: t.exposeString('name'),
    captureUrl: t.field({
      type: 'URL',
      resolve: ({ slug }, _args, { baseUrl, config }) => captureUrlOf(slug, baseUrl, config),
    }),
    allowedOrigins: t.exposeStringList('allowedOrigins', { description: '[] = any origin may post to /capture.' }),
    redirectOrigins: t.exposeStringList('redirectOrigins', {
      description: 'Origins to which a form may redirect the visitor.',
    }),
    mergePolicy: t.expose('mergePolicy', { type: MergePolicyRef }),
    stages: t.exposeStringList('stages'),
    proofOfWork: t.exposeBoolean('proofOfWork', {
      description: 'Captures without a key are HELD unless they include a proof of work (ALTCHA).',
    }),
    privateReceipts: t.exposeBoolean('privateReceipts', {
      description:
        'Anonymous captures return the id and time of their submission, so that they do not reveal which e-mails are known.',
    }),
    defaultCountry: t.exposeString('defaultCountry', {
      nullable: true,
      description:
        'ISO 3166 code such as DE: phone numbers of sources without + are read as numbers of this country for metadata.phone_e164.',
    }),
    apiKeys: t.relation('apiKeys', { query: { orderBy: { id: 'asc' } }, complexity: { field: 1, multiplier: 10 } }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    disabledAt: t.expose('disabledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since this time all its requests are refused and its deliveries wait.',
    }),
  }),
})

const CreateWorkspaceSuccess = builder
  .objectRef<{ readonly workspaceId: string; readonly token: string }>('CreateWorkspaceSuccess')
  .implement({
    fields: (t) => ({
      workspace: t.prismaField({
        type: Workspace,
        // A viewer may read the workspace that it has just created, besides its own.
        resolve: (query, { workspaceId: id }, _args, { database }) =>
          database.prisma.workspace.findUniqueOrThrow({ ...query, where: { id } }),
      }),
      token: t.exposeString('token', { description: 'An ADMIN key of the new workspace, returned only once.' }),
    }),
  })

builder.queryField('workspace', (t) =>
  t.prismaField({
    type: Workspace,
    resolve: (query, _root, _args, { database, viewer }) =>
      database.prisma.workspace.findUniqueOrThrow({ ...query, where: { id: viewer.workspaceId } }),
  }),
)

const CreateWorkspaceInput = builder.inputType('CreateWorkspaceInput', {
  fields: (t) => ({ slug: t.string({ required: true }), name: t.string() }),
})

const UpdateWorkspaceInput = builder.inputType('UpdateWorkspaceInput', {
  fields: (t) => ({
    name: t.string(),
    allowedOrigins: t.stringList(),
    redirectOrigins: t.stringList(),
    mergePolicy: t.field({ type: MergePolicyRef }),
    stages: t.stringList(),
    proofOfWork: t.boolean(),
    privateReceipts: t.boolean(),
    defaultCountry: t.string({ description: 'Null removes it.' }),
  }),
})

const name = z.string().trim().min(1, 'a name is expected').max(200, 'at most 200 characters are allowed')
const newWorkspace = z.object({
  slug: z.string().regex(slugPattern, 'lower-case letters, digits and hyphens are expected'),
  name: name.nullish(),
})

const origins = z
  .array(z.string().refine(isOrigin, 'an origin such as https://www.example.com is expected'))
  .max(100, 'at most 100 origins are allowed')
const stage = z
  .string()
  .max(40, 'at most 40 characters are allowed')
  .regex(
    /^[\p{L}\p{N}](?:[\p{L}\p{N} _-]*[\p{L}\p{N}])?$/u,
    'letters, digits and between them spaces, _ and - are expected',
  )
const settings = z.object({
  name: name.nullish(),
  allowedOrigins: origins.nullish(),
  redirectOrigins: origins.nullish(),
  mergePolicy: z.enum(MergePolicy).nullish(),
  stages: z
    .array(stage)
    .max(50, 'at most 50 stages are allowed')
    .refine((stages) => stages.includes(firstStage), `${firstStage}, the stage of new contacts, is required`)
    .refine((stages) => new Set(stages).size === stages.length, 'stages must be unique')
    .nullish(),
  proofOfWork: z.boolean().nullish(),
  privateReceipts: z.boolean().nullish(),
  defaultCountry: z.string().refine(isPhoneCountry, 'a country such as DE is expected').nullish(),
})

builder.mutationField('createWorkspace', (t) =>
  t.field({
    type: CreateWorkspaceSuccess,
    nullable: true,
    description: "ADMIN keys of the default workspace, the operator's, alone.",
    authScopes: { operator: true },
    errors: { types: [ValidationFailure, TakenFailure], union: { name: 'CreateWorkspaceResult' } },
    args: { input: t.arg({ type: CreateWorkspaceInput, required: true }) },
    resolve: async (_root, { input }, { database, access, viewer: operator }) => {
      const { slug, name } = validated(newWorkspace, input)
      const created = await createWorkspace(database, { slug, name: name ?? slug, operator })
      if (created.kind === 'taken')
        throw new TakenFailure('TAKEN', 'A workspace with this slug already exists.', ['slug'])
      access.renew()
      return created
    },
  }),
)

export const UpdateWorkspaceResult = builder.errorUnion('UpdateWorkspaceResult', {
  types: [Workspace, ValidationFailure],
})

builder.mutationField('updateWorkspace', (t) =>
  t.field({
    type: UpdateWorkspaceResult,
    nullable: true,
    authScopes: { scope: 'ADMIN' },
    args: { input: t.arg({ type: UpdateWorkspaceInput, required: true }) },
    resolve: async (_root, { input }, context, info) => {
      const { database, workspaces, viewer } = context
      const { workspaceId, apiKeyId: actor } = viewer
      const change = settingsOf(validated(settings, input))
      await expectingFailures(() => changeWorkspaceSettings(database, { workspaceId, actor, settings: change }))
      workspaces.forget()
      return readWorkspace(context, info, workspaceId)
    },
  }),
)

/** Reads a workspace as the result of a change, with its selection; the operator can change other workspaces too. */
export async function readWorkspace(context: Context, info: GraphQLResolveInfo, id: string) {
  const query: object = queryFromInfo({ context, info, typeName: 'Workspace' })
  return Workspace.addBrand(await context.database.prisma.workspace.findUniqueOrThrow({ ...query, where: { id } }))
}

/** Returns the settings to change: one that is undefined stays unchanged, and so does null but for the country. */
function settingsOf(input: z.output<typeof settings>): WorkspaceSettings {
  const { name, allowedOrigins, redirectOrigins, mergePolicy, stages, proofOfWork, privateReceipts, defaultCountry } =
    input
  return {
    ...(name != null && { name }),
    ...(allowedOrigins != null && { allowedOrigins }),
    ...(redirectOrigins != null && { redirectOrigins }),
    ...(mergePolicy != null && { mergePolicy }),
    ...(stages != null && { stages }),
    ...(proofOfWork != null && { proofOfWork }),
    ...(privateReceipts != null && { privateReceipts }),
    ...(defaultCountry !== undefined && { defaultCountry }),
  }
}

/** Whether the value is one origin, without wildcards. */
function isOrigin(value: string): boolean {
  if (!URL.canParse(value) || value.includes('*')) return false
  return /^https?:$/.test(new URL(value).protocol) && new URL(value).origin === value
}
