import { statement, type Tx } from '../database/database.ts'
import type { Contact } from './contact.ts'
import { type ContactRow, contactColumns, contactOf, saveContacts, trustedFieldsIn } from './store.ts'

/** Contact that is locked until the transaction ends. */
export interface ContactToEdit {
  readonly contact: Contact
  /** Start of the transaction, or the contact's last write if that is later: its times never decrease. */
  readonly now: Date
}

/** Columns for a contact created through the API instead of by a capture. */
export type ContactToCreate = Pick<
  Contact,
  'workspaceId' | 'id' | 'email' | 'firstName' | 'lastName' | 'stage' | 'source' | 'metadata' | 'trustedFields'
>

/** Locks a contact; returns undefined when the workspace has none with this id. */
export async function lockContact(tx: Tx, workspaceId: string, id: string): Promise<ContactToEdit | undefined> {
  const [row] = await tx.query<RowToEdit>(selectForEdit, [workspaceId, id])
  return row && toEdit(row)
}

/** Creates the contact, or locks the one with its e-mail, in one statement. */
export async function createOrLockContact(
  tx: Tx,
  contact: ContactToCreate,
): Promise<ContactToEdit & { readonly created: boolean }> {
  const { workspaceId, id, email, firstName, lastName, stage, source, metadata, trustedFields } = contact
  const person = [workspaceId, id, email, firstName, lastName, stage, source]
  const values = [...person, JSON.stringify(metadata), trustedFields]
  const [row] = await tx.query<RowToEdit & { created: boolean }>(upsertForEdit, values)
  if (row === undefined) throw new Error('An upsert returned no row.')
  return { ...toEdit(row), created: row.created }
}

/** Stores a contact that this transaction has locked. Fails on a unique index when another contact has the e-mail. */
export async function saveEdited(tx: Tx, contact: Contact): Promise<void> {
  await saveContacts(tx, [contact])
  await tx.query(updateEmail, [contact.workspaceId, contact.id, contact.email])
}

type RowToEdit = ContactRow & { began_at: Date }

function toEdit(row: RowToEdit): ContactToEdit {
  const latest = Math.max(...[row.began_at, row.updated_at, row.last_seen_at].map((date) => date.getTime()))
  return { contact: contactOf(row), now: new Date(latest) }
}

// Index: contact_pkey.
const selectForEdit = statement(
  'select_contact_for_edit',
  `select ${contactColumns.replace('trusted_fields', `${trustedFieldsIn('contact')} as trusted_fields`)}, now() as began_at
   from contact
   where workspace_id = $1
     and id = $2
   for update`,
)

// Index: contact_workspace_id_email_key. The update changes no known value: it locks the stored row and returns it;
// xmax is 0 only in a row version that this insert made.
const upsertForEdit = statement(
  'upsert_contact_for_edit',
  `insert into contact as stored
     (workspace_id, id, email, first_name, last_name, stage, source, metadata, trusted_fields)
   values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::text[])
   on conflict (workspace_id, email) do update
   set version = stored.version,
       trusted_fields = ${trustedFieldsIn('stored')}
   returning ${contactColumns}, now() as began_at, (xmax = 0) as created`,
)

// Index: contact_pkey. A separate statement, so that captures do not pay for it; an unchanged e-mail is not written.
const updateEmail = statement(
  'update_contact_email',
  `update contact
   set email = $3
   where workspace_id = $1
     and id = $2
     and email <> $3`,
)
