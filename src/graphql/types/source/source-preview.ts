import { type PreviewSettings, previewBody, previewRaw, type SourcePreview } from '../../../capture/source/preview.ts'
import { readRaw } from '../../../capture/source/raw-payload.ts'
import type { Source as SourceRow, Submission as SubmissionRow } from '../../../generated/prisma/client.ts'
import { invalidRequest } from '../../../platform/errors.ts'
import { checkMapping, type MappingRule } from '../../../sources/mapping/rules.ts'
import { readMapping } from '../../../sources/mapping/stored-mapping.ts'
import { inWorkspace, requireScope } from '../../../workspaces/viewer.ts'
import type { Context } from '../../execution/context.ts'
import { builder } from '../../schema/builder.ts'
import { expectingFailures, NotFoundFailure, ValidationFailure } from '../shared/user-error.ts'
import { SubmissionStatusRef } from '../submission/submission.ts'
import { SourceKindRef } from './source.ts'
import { MappingRuleInput } from './source-mutations.ts'

const SourceCandidate = builder.objectRef<SourcePreview['candidates'][number]>('SourceCandidate').implement({
  description: 'A value of a payload that a rule can name.',
  fields: (t) => ({
    path: t.exposeString('path'),
    value: t.exposeString('value'),
    guess: t.exposeString('guess', { nullable: true, description: 'The field that it is taken for without a rule.' }),
  }),
})

const SourcePreviewRef = builder.objectRef<SourcePreview>('SourcePreview').implement({
  description: 'Result of reading a payload. Nothing is written.',
  fields: (t) => ({
    email: t.exposeString('email', { nullable: true }),
    firstName: t.exposeString('firstName', { nullable: true }),
    lastName: t.exposeString('lastName', { nullable: true }),
    metadata: t.field({ type: 'JSON', resolve: ({ metadata }) => metadata }),
    source: t.exposeString('source', { nullable: true }),
    status: t.expose('status', { type: SubmissionStatusRef }),
    reasons: t.stringList({ resolve: ({ reasons }) => [...reasons] }),
    recognizedKind: t.expose('recognizedKind', {
      type: SourceKindRef,
      nullable: true,
      description: 'The tool whose shape the payload has, also for a GENERIC source.',
    }),
    candidates: t.field({ type: [SourceCandidate], resolve: ({ candidates }) => [...candidates] }),
  }),
})

const PreviewSourceInput = builder.inputType('PreviewSourceInput', {
  fields: (t) => ({
    sourceId: t.id({ description: 'Its kind and mapping are used, unless others are given.' }),
    kind: t.field({ type: SourceKindRef }),
    mapping: t.field({ type: [MappingRuleInput] }),
    payload: t.string({ description: 'The body as text. Either this or submissionId.' }),
    contentType: t.string(),
    submissionId: t.id({ description: 'A submission whose payload is read again. Needs PII_READ and CONTACTS_READ.' }),
  }),
})

type Input = typeof PreviewSourceInput.$inferInput

builder.mutationField('previewSource', (t) =>
  t.field({
    type: SourcePreviewRef,
    nullable: true,
    description: 'Reads a payload as a source would, and writes nothing.',
    authScopes: { scope: 'SOURCES_READ' },
    // It reads a payload several times, in some milliseconds.
    complexity: 50,
    errors: { types: [ValidationFailure, NotFoundFailure], union: { name: 'PreviewSourceResult' } },
    args: { input: t.arg({ type: PreviewSourceInput, required: true }) },
    resolve: (_root, { input }, context) => expectingFailures(() => preview(input, context)),
  }),
)

async function preview(input: Input, context: Context): Promise<SourcePreview> {
  checkInput(input)
  const submission = input.submissionId == null ? undefined : await findSubmission(input.submissionId, context)
  const source = await findSource(input, submission, context)
  const workspace = await context.workspaces.byId(context.viewer.workspaceId)
  const settings = { ...settingsOf(input, source), defaultCountry: workspace?.defaultCountry }
  if (submission !== undefined) return previewRaw(readRaw(submission.raw), settings)
  return previewBody({ text: input.payload ?? '', contentType: input.contentType ?? undefined }, settings)
}

/** @throws AppError `invalid_request` */
function checkInput({ payload, submissionId, mapping }: Input): void {
  const problems = checkMapping(mapping ?? []).map(({ path, message }) => ({ path: path.join('.'), message }))
  if ((payload == null) === (submissionId == null))
    problems.push({ path: 'payload', message: 'either payload or submissionId is expected' })
  if (problems.length > 0) throw invalidRequest(problems)
}

/** @throws NotFoundFailure also for a submission without a payload */
async function findSubmission(id: string, { database, viewer }: Context): Promise<SubmissionRow> {
  requireScope(viewer, 'PII_READ')
  requireScope(viewer, 'CONTACTS_READ')
  const submission = await database.prisma.submission.findFirst({ where: inWorkspace(viewer, { id }) })
  if (submission === null || submission.raw === null) throw new NotFoundFailure('submissionId')
  return submission
}

/** Returns the source that is named, or that of the submission. @throws NotFoundFailure for one that is named */
async function findSource(
  { sourceId }: Input,
  submission: SubmissionRow | undefined,
  { database, viewer }: Context,
): Promise<SourceRow | undefined> {
  const id = sourceId ?? submission?.sourceId
  if (id == null) return undefined
  const source = await database.prisma.source.findFirst({ where: inWorkspace(viewer, { id }) })
  if (source === null && sourceId != null) throw new NotFoundFailure('sourceId')
  return source ?? undefined
}

function settingsOf({ kind, mapping }: Input, source: SourceRow | undefined): Omit<PreviewSettings, 'defaultCountry'> {
  return {
    kind: kind ?? source?.kind ?? 'GENERIC',
    mapping: mapping ?? rulesOf(source),
    sourceName: source?.name ?? '',
  }
}

function rulesOf(source: SourceRow | undefined): readonly MappingRule[] {
  return source === undefined ? [] : readMapping(source.mapping)
}
