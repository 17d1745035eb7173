import { readChanges } from '../../../capture/write/changes.ts'
import type { UpsertedContact } from '../../../contacts/edit.ts'
import { canReadPii, maskEmails } from '../../../contacts/masking.ts'
import { builder } from '../../schema/builder.ts'
import {
  ConflictFailure,
  expectingFailures,
  NotFoundFailure,
  TakenFailure,
  ValidationFailure,
} from '../shared/user-error.ts'
import { CaptureOutcomeRef, FieldChangeRef } from '../submission/submission.ts'
import { Contact } from './contact.ts'
import { contactIdOf } from './contact-aliases.ts'

const UpsertContactSuccess = builder.objectRef<UpsertedContact>('UpsertContactSuccess').implement({
  fields: (t) => ({
    contact: t.prismaField({
      type: Contact,
      resolve: (query, { id }, _args, { database, viewer: { workspaceId } }) =>
        database.prisma.contact.findUniqueOrThrow({ ...query, where: { workspaceId_id: { workspaceId, id } } }),
    }),
    outcome: t.expose('outcome', { type: CaptureOutcomeRef }),
    changes: t.field({
      type: [FieldChangeRef],
      // The changes contain stored values, which a key that can only write must not read.
      authScopes: { scope: 'CONTACTS_READ' },
      resolve: ({ changes }, _args, { viewer }) => readChanges(canReadPii(viewer) ? changes : maskEmails(changes)),
    }),
  }),
})

const ContactFieldsInput = builder.inputType('ContactFieldsInput', {
  description: 'Left out = untouched; null = cleared. Metadata keys merge, a null value removes the key.',
  fields: (t) => ({
    firstName: t.string(),
    lastName: t.string(),
    source: t.string(),
    stage: t.string({ description: 'One of workspace.stages; it cannot be cleared.' }),
    metadata: t.field({ type: 'JSON' }),
  }),
})

const UpsertContactInput = builder.inputType('UpsertContactInput', {
  fields: (t) => ({
    email: t.string({ required: true }),
    fields: t.field({ type: ContactFieldsInput }),
  }),
})

const UpdateContactInput = builder.inputType('UpdateContactInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    expectedVersion: t.int({
      description: 'If the contact has another version, nothing changes and the result is ConflictError.',
    }),
    email: t.string({ description: 'It cannot be cleared.' }),
    fields: t.field({ type: ContactFieldsInput }),
  }),
})

builder.mutationField('upsertContact', (t) =>
  t.field({
    type: UpsertContactSuccess,
    nullable: true,
    description: 'Creates or updates the contact with an e-mail. It creates no submission.',
    authScopes: { scope: 'CONTACTS_WRITE' },
    errors: { types: [ValidationFailure], union: { name: 'UpsertContactResult' } },
    args: { input: t.arg({ type: UpsertContactInput, required: true }) },
    resolve: (_root, { input }, { contactEdits, viewer }) =>
      expectingFailures(() => contactEdits.upsert(viewer, input)),
  }),
)

builder.mutationField('updateContact', (t) =>
  t.prismaField({
    type: Contact,
    nullable: true,
    authScopes: { scope: 'CONTACTS_WRITE' },
    errors: {
      types: [ValidationFailure, NotFoundFailure, TakenFailure, ConflictFailure],
      union: { name: 'UpdateContactResult' },
    },
    args: { input: t.arg({ type: UpdateContactInput, required: true }) },
    resolve: async (query, _root, { input }, context) => {
      const { contactEdits, database, viewer } = context
      const { workspaceId } = viewer
      const id = await contactIdOf(context, input.id)
      const { kind } = await expectingFailures(() => contactEdits.update(viewer, { ...input, id }))
      if (kind === 'taken') throw new TakenFailure('TAKEN', 'Another contact has this e-mail.', ['email'])
      if (kind === 'conflict')
        throw new ConflictFailure('CONFLICT', 'The contact has another version. Read it again.', ['expectedVersion'])
      const where = { workspaceId_id: { workspaceId, id } }
      const contact = kind === 'updated' ? await database.prisma.contact.findUnique({ ...query, where }) : null
      if (contact === null) throw new NotFoundFailure()
      return contact
    },
  }),
)
