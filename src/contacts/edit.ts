import { type Database, isUniqueViolation, type Tx } from '../database/database.ts'
import { appendEvents } from '../events/event-log.ts'
import type { Signals } from '../events/signals.ts'
import { CaptureOutcome } from '../generated/prisma/enums.ts'
import { newId } from '../platform/ids.ts'
import { recordAudit } from '../workspaces/audit.ts'
import type { Viewer } from '../workspaces/viewer.ts'
import { firstStage, type Workspaces } from '../workspaces/workspace.ts'
import { type Contact, contactData } from './contact.ts'
import { type ContactEditInput, parseContactEdit } from './edit-input.ts'
import { createOrLockContact, lockContact, saveEdited } from './edit-store.ts'
import {
  type ContactEdit,
  changedFields,
  changesOfNew,
  editContact,
  editedMetadata,
  type FieldChange,
  type Merged,
} from './merge.ts'
import { givenFields, noRoomForKeys, overflows } from './provenance.ts'

export interface UpsertedContact {
  readonly id: string
  readonly outcome: CaptureOutcome
  readonly changes: readonly FieldChange[]
}

/**
 * Result of an update. `taken`: another contact has the e-mail. `conflict`: the contact has another version than
 * expected.
 */
type ContactUpdate = { readonly kind: 'updated' | 'not_found' | 'taken' | 'conflict' }

/** Writes of contacts by callers with a key; they create no submission. */
export interface ContactEdits {
  /** @throws AppError `invalid_request` */
  upsert(viewer: Viewer, input: ContactEditInput & { readonly email: string }): Promise<UpsertedContact>
  /** @throws AppError `invalid_request` */
  update(viewer: Viewer, input: UpdateInput): Promise<ContactUpdate>
}

interface UpdateInput extends ContactEditInput {
  readonly id: string
  readonly expectedVersion?: number | null | undefined
}

interface Parts {
  readonly database: Database
  readonly signals: Signals
  readonly workspaces: Workspaces
}

export function createContactEdits({ database, signals, workspaces }: Parts): ContactEdits {
  const parse = async ({ workspaceId }: Viewer, input: ContactEditInput) => {
    const workspace = await workspaces.byId(workspaceId)
    return parseContactEdit(input, workspace?.stages ?? [])
  }
  return {
    upsert: async (viewer, input) => {
      const { email = input.email, ...edit } = await parse(viewer, input)
      const upserted = await database.inTransaction((tx) => upsertContact(tx, viewer, { ...edit, email }))
      signals.notify('events')
      return upserted
    },
    update: async (viewer, input) => {
      const edit = await parse(viewer, input)
      try {
        const kind = await database.inTransaction((tx) => updateContact(tx, viewer, input, edit))
        signals.notify('events')
        return { kind }
      } catch (error) {
        if (isUniqueViolation(error)) return { kind: 'taken' }
        throw error
      }
    },
  }
}

async function upsertContact(tx: Tx, viewer: Viewer, edit: ContactEdit & { email: string }): Promise<UpsertedContact> {
  const { email, firstName = null, lastName = null, source = null, stage = firstStage } = edit
  const named = { workspaceId: viewer.workspaceId, id: newId('contact'), email, firstName, lastName, source, stage }
  const metadata = editedMetadata({}, edit.metadata)
  const given = { ...named, metadata }
  const locked = await createOrLockContact(tx, { ...given, trustedFields: givenFields(given) })
  const { contact, now, created } = locked
  if (created) {
    const changes = changesOfNew(contact)
    await recordChange(tx, viewer, 'contact.created', { contact, changes }, contact.createdAt)
    return { id: contact.id, outcome: CaptureOutcome.CREATED, changes }
  }
  const changes = await store(tx, viewer, contact, edit, now)
  return { id: contact.id, outcome: changes.length > 0 ? CaptureOutcome.UPDATED : CaptureOutcome.UNCHANGED, changes }
}

async function updateContact(
  tx: Tx,
  viewer: Viewer,
  { id, expectedVersion }: UpdateInput,
  edit: ContactEdit,
): Promise<'updated' | 'not_found' | 'conflict'> {
  const locked = await lockContact(tx, viewer.workspaceId, id)
  if (locked === undefined) return 'not_found'
  if (expectedVersion != null && expectedVersion !== locked.contact.version) return 'conflict'
  await store(tx, viewer, locked.contact, edit, locked.now)
  return 'updated'
}

/** Stores the changes of an edit to a locked contact, and records them when there are any. */
async function store(tx: Tx, viewer: Viewer, stored: Contact, edit: ContactEdit, now: Date) {
  const edited = editContact(stored, edit, now)
  if (edited.contact === stored) return []
  if (overflows(stored, edited.contact)) throw noRoomForKeys('fields.metadata')
  await saveEdited(tx, edited.contact)
  if (edited.changes.length > 0) await recordChange(tx, viewer, 'contact.updated', edited, now)
  return edited.changes
}

/**
 * Appends the audit entry, which names the fields but never their values, and then the event: the log must be written
 * last.
 */
async function recordChange(
  tx: Tx,
  { workspaceId, apiKeyId: actor }: Viewer,
  type: 'contact.created' | 'contact.updated',
  { contact, changes }: Merged,
  occurredAt: Date,
): Promise<void> {
  const changed = changedFields(changes)
  await recordAudit(tx, { workspaceId, actor, action: type, targetId: contact.id, details: { fields: changed } })
  const draft = { workspaceId, id: newId('event'), contactId: contact.id, occurredAt, data: contactData(contact) }
  await appendEvents(tx, [type === 'contact.created' ? { ...draft, type } : { ...draft, type, changed }])
}
