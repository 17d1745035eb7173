import { queryFromInfo } from '@pothos/plugin-prisma'
import { readChanges, type StoredChange } from '../../../capture/write/changes.ts'
import { readStoredFields } from '../../../capture/write/stored-fields.ts'
import { canReadPii, maskEmail, maskEmails, maskedText } from '../../../contacts/masking.ts'
import type { Submission as SubmissionRow } from '../../../generated/prisma/client.ts'
import { CaptureOutcome, SubmissionStatus } from '../../../generated/prisma/enums.ts'
import { inWorkspace } from '../../../workspaces/viewer.ts'
import type { Context } from '../../execution/context.ts'
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
import { keptChildren } from '../../schema/relay/joined-children.ts'
import { idKey } from '../../schema/relay/keyset.ts'
import { nestedConnections } from '../../schema/relay/nested-connection.ts'
import { Contact } from '../contact/contact.ts'
import { DateTimeFilter, StringFilter } from '../shared/filters.ts'
import { ConflictFailure, expectingFailures, NotFoundFailure } from '../shared/user-error.ts'
import { contactSubmissions } from './submission-columns.ts'
import { receiptKey, submissionList } from './submission-list.ts'

export const SubmissionStatusRef = builder.enumType('SubmissionStatus', { values: Object.values(SubmissionStatus) })
export const CaptureOutcomeRef = builder.enumType('CaptureOutcome', { values: Object.values(CaptureOutcome) })

export const FieldChangeRef = builder.objectRef<StoredChange>('FieldChange').implement({
  fields: (t) => ({
    field: t.exposeString('field', { description: 'In the spelling of webhook bodies: `first_name`.' }),
    before: t.field({ type: 'JSON', nullable: true, resolve: ({ before }) => before }),
    after: t.field({ type: 'JSON', nullable: true, resolve: ({ after }) => after }),
    applied: t.boolean({
      description:
        'False if an anonymous caller proposed it, and it was not stored because of a trusted value or a lack of space.',
      resolve: ({ applied }) => applied !== false,
    }),
  }),
})

export const Submission = builder.prismaNode('Submission', {
  description: 'One per lead that was posted to /capture or to a source, kept verbatim within the limits.',
  id: { resolve: ({ id }) => id },
  findUnique: (id, { viewer: { workspaceId } }) => ({ workspaceId_id: { workspaceId, id } }),
  nullable: true,
  authScopes: { scope: 'CONTACTS_READ' },
  fields: (t) => ({
    status: t.expose('status', { type: SubmissionStatusRef }),
    outcome: t.expose('outcome', { type: CaptureOutcomeRef, nullable: true, description: 'Null unless ACCEPTED.' }),
    contact: t.relation('contact', {
      nullable: true,
      description: 'Null while HELD, for SPAM and IGNORED, and after erasure.',
    }),
    changes: t.field({
      type: [FieldChangeRef],
      description: 'Posted values in `after` are null once `fields` are deleted.',
      resolve: ({ changes, fields }, _args, { viewer }) => {
        const shown = (value: unknown) => (canReadPii(viewer) ? value : maskEmails(value))
        return readChanges(shown(changes), shown(fields))
      },
    }),
    fields: t.field({
      type: 'JSON',
      description:
        'As posted; {} after erasure, after REX_SUBMISSION_DAYS, and above the storage limit (`over_storage`).',
      resolve: ({ fields: stored }, _args, { viewer }) => {
        const { fields } = readStoredFields(stored)
        return canReadPii(viewer) ? fields : maskEmails(fields)
      },
    }),
    email: t.string({
      nullable: true,
      description: 'The e-mail of the contact that it would create, while HELD or SPAM; null once it has a contact.',
      resolve: ({ email, contactId }, _args, { viewer }) => {
        if (email === null || contactId !== null) return null
        return canReadPii(viewer) ? email : maskEmail(email)
      },
    }),
    source: t.string({ nullable: true, resolve: ({ source }, _args, { viewer }) => maskedText(source, viewer) }),
    origin: t.string({ nullable: true, resolve: ({ origin }, _args, { viewer }) => maskedText(origin, viewer) }),
    userAgent: t.string({
      nullable: true,
      resolve: ({ userAgent }, _args, { viewer }) => maskedText(userAgent, viewer),
    }),
    spamReasons: t.exposeStringList('spamReasons'),
    reasons: t.exposeStringList('reasons', {
      description: 'Why a source held or ignored it, such as `needs_mapping` or `test_lead`.',
    }),
    raw: t.expose('raw', {
      type: 'JSON',
      nullable: true,
      authScopes: { scope: 'PII_READ' },
      description:
        'The payload as the tool of a source sent it, without its secrets: JSON, a text, or `{"base64": …}`. Needs PII_READ.',
    }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime' }),
  }),
})

export const SubmissionConnection = connectionType('Submission', Submission)

const submissionsOfContact = nestedConnections<SubmissionRow>({
  ...contactSubmissions,
  name: 'Contact.submissions',
  keyOf: idKey,
  load: (context, ids, info) =>
    context.database.prisma.submission.findMany({
      ...queryFromInfo({ context, info, include: {}, paths: nodePaths }),
      where: inWorkspace(context.viewer, { id: { in: [...ids] } }),
    }),
})

builder.objectField(Contact, 'submissions', (t) =>
  t.field({
    type: SubmissionConnection,
    complexity: pageComplexity,
    args: pageArgs,
    resolve: (contact, args, context, info) => {
      const rows = keptChildren<SubmissionRow>(contact, info)
      if (rows === undefined) return submissionsOfContact(contact.id, args, context, info)
      const scope = cursorList(context, 'Contact.submissions')
      return pageOf(rows, readSlice(args, scope), scope, idKey)
    },
  }),
)

builder.queryField('submissions', (t) =>
  t.field({
    type: SubmissionConnection,
    authScopes: { scope: 'CONTACTS_READ' },
    complexity: pageComplexity,
    args: { ...pageArgs, filter: t.arg({ type: SubmissionFilter, description: boundedFilter }) },
    resolve: async (_root, { filter, ...args }, context, info) => {
      const { viewer, database } = context
      const scope = cursorList(context, 'submissions')
      const slice = readSlice(args, scope)
      const { ids, resume } = await readIds(context, submissionList(filter ?? {}, slice, canReadPii(viewer)), slice)
      const found = await database.prisma.submission.findMany({
        ...queryFromInfo({ context, info, include: {}, paths: nodePaths }),
        where: inWorkspace(viewer, { id: { in: [...ids] } }),
      })
      return pageOf(sortByIds(ids, found), slice, scope, receiptKey, resume)
    },
  }),
)

const SubmissionFilter = builder.inputType('SubmissionFilter', {
  fields: (t) => ({
    status: t.field({ type: [SubmissionStatusRef] }),
    source: t.field({ type: StringFilter }),
    receivedAt: t.field({ type: DateTimeFilter }),
  }),
})

const ModerateSubmissionResult = builder.errorUnion('ModerateSubmissionResult', {
  types: [Submission, NotFoundFailure, ConflictFailure],
})

builder.mutationField('releaseSubmission', (t) =>
  t.field({
    type: ModerateSubmissionResult,
    nullable: true,
    description:
      'Accepts a HELD or SPAM submission as if it arrived now, with a contact and an event. One of a source is read again, with the mapping as it is now.',
    authScopes: { scope: 'CONTACTS_WRITE' },
    args: {
      id: t.arg.id({ required: true }),
      email: t.arg.string({ description: 'By hand, for a submission of a source in which no e-mail was found.' }),
    },
    resolve: async (_root, { id, email }, context) => {
      await expectingFailures(() => context.moderation.release(context.viewer, id, email ?? undefined))
      return readModerated(context, id)
    },
  }),
)

builder.mutationField('markSubmissionSpam', (t) =>
  t.field({
    type: ModerateSubmissionResult,
    nullable: true,
    description: 'Marks a HELD submission as spam, which is deleted after the retention time.',
    authScopes: { scope: 'CONTACTS_WRITE' },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      await expectingFailures(() => context.moderation.markSpam(context.viewer, id))
      return readModerated(context, id)
    },
  }),
)

/** @throws NotFoundFailure for old spam that retention has deleted since */
async function readModerated({ database, viewer: { workspaceId } }: Context, id: string) {
  const row = await database.prisma.submission.findUnique({ where: { workspaceId_id: { workspaceId, id } } })
  if (row === null) throw new NotFoundFailure()
  return Submission.addBrand(row)
}
