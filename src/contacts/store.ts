import { statement, type Tx } from '../database/database.ts'
import type { Contact, Metadata, Touch } from './contact.ts'

/** Contact to insert when its e-mail is new. */
export type NewContact = Omit<Contact, 'createdAt' | 'updatedAt' | 'lastSeenAt' | 'version'> & {
  /** Number of captures of the batch for this contact. */
  readonly captures: number
}

/** `contact` is locked until the transaction ends; it has the stored values unless it was created here. */
export interface LockedContact {
  readonly contact: Contact
  readonly created: boolean
}

/**
 * Creates the contacts whose e-mail is new and locks the others, in one statement. Each (workspace, e-mail) occurs
 * once. Rows are locked in the order of their keys, so that two batches cannot deadlock.
 */
export async function lockOrCreateContacts(tx: Tx, contacts: readonly NewContact[]): Promise<LockedContact[]> {
  const rows = await tx.query<ContactRow & { created: boolean }>(upsertContacts, [
    contacts.map((contact) => contact.workspaceId),
    contacts.map((contact) => contact.id),
    contacts.map((contact) => contact.email),
    contacts.map((contact) => contact.firstName),
    contacts.map((contact) => contact.lastName),
    contacts.map((contact) => contact.stage),
    contacts.map((contact) => contact.source),
    contacts.map((contact) => JSON.stringify(contact.metadata)),
    contacts.map((contact) => toJson(contact.firstTouch)),
    contacts.map((contact) => toJson(contact.lastTouch)),
    contacts.map((contact) => JSON.stringify(contact.trustedFields)),
    contacts.map((contact) => contact.captures),
  ])
  return rows.map((row) => ({ contact: contactOf(row), created: row.created }))
}

/**
 * Stores contacts that this transaction has locked. Queries the database even for an empty list: a capture of a new
 * e-mail then takes as many round trips as one of a known e-mail, and its duration does not reveal which it was.
 */
export function saveContacts(tx: Tx, contacts: readonly Contact[]): Promise<unknown> {
  return tx.query(updateContacts, [
    contacts.map((contact) => contact.workspaceId),
    contacts.map((contact) => contact.id),
    contacts.map((contact) => contact.firstName),
    contacts.map((contact) => contact.lastName),
    contacts.map((contact) => contact.stage),
    contacts.map((contact) => contact.source),
    contacts.map((contact) => JSON.stringify(contact.metadata)),
    contacts.map((contact) => toJson(contact.firstTouch)),
    contacts.map((contact) => toJson(contact.lastTouch)),
    contacts.map((contact) => JSON.stringify(contact.trustedFields)),
    contacts.map((contact) => contact.updatedAt.toISOString()),
    contacts.map((contact) => contact.version),
  ])
}

/** Columns of a ContactRow. */
export const contactColumns = `workspace_id, id, email, first_name, last_name, stage, source, metadata, first_touch,
             last_touch, trusted_fields, created_at, updated_at, last_seen_at, version`

/**
 * Returns SQL for the trusted fields of a stored row. A contact of version 0.1 has none: without any capture, a key
 * wrote all its values; with captures, their writer is unknown.
 */
export function trustedFieldsIn(row: string): string {
  return `coalesce(${row}.trusted_fields, case
           when ${row}.submission_count > 0 then '{}'::text[]
           else array['first_name', 'last_name', 'source']
             || array(select 'metadata.' || key from jsonb_object_keys(${row}.metadata) as held (key))
         end)`
}

export interface ContactRow {
  workspace_id: string
  id: string
  email: string
  first_name: string | null
  last_name: string | null
  stage: string
  source: string | null
  metadata: Metadata
  first_touch: Touch | null
  last_touch: Touch | null
  trusted_fields: string[]
  created_at: Date
  updated_at: Date
  last_seen_at: Date
  version: number
}

export function contactOf(row: ContactRow): Contact {
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    email: row.email,
    firstName: row.first_name,
    lastName: row.last_name,
    stage: row.stage,
    source: row.source,
    metadata: row.metadata,
    firstTouch: row.first_touch,
    lastTouch: row.last_touch,
    trustedFields: row.trusted_fields,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastSeenAt: row.last_seen_at,
    version: row.version,
  }
}

function toJson(touch: Touch | null): string | null {
  return touch === null ? null : JSON.stringify(touch)
}

// Index: contact_workspace_id_email_key. The update locks the stored row and returns it in the same statement; xmax is
// 0 only in a row version that this insert made. now() is the start of the transaction, and a transaction that waited
// may have started first; greatest() keeps the times of a contact and its events from decreasing.
const upsertContacts = statement(
  'upsert_contacts',
  `insert into contact as stored
     (workspace_id, id, email, first_name, last_name, stage, source, metadata, first_touch, last_touch,
      trusted_fields, submission_count, created_at, updated_at, last_seen_at)
   select workspace_id, id, email, first_name, last_name, stage, source, metadata::jsonb, first_touch::jsonb,
          last_touch::jsonb, array(select jsonb_array_elements_text(trusted_fields::jsonb)), captures, now(), now(), now()
   from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
               $9::text[], $10::text[], $11::text[], $12::int[])
     as sent (workspace_id, id, email, first_name, last_name, stage, source, metadata, first_touch, last_touch,
              trusted_fields, captures)
   order by workspace_id, email
   on conflict (workspace_id, email) do update
   set last_seen_at = greatest(stored.last_seen_at, excluded.last_seen_at),
       submission_count = stored.submission_count + excluded.submission_count,
       trusted_fields = ${trustedFieldsIn('stored')}
   returning ${contactColumns}, (xmax = 0) as created`,
)

// Index: contact_pkey.
const updateContacts = statement(
  'update_contacts',
  `update contact c
   set first_name = next.first_name,
       last_name = next.last_name,
       stage = next.stage,
       source = next.source,
       metadata = next.metadata::jsonb,
       first_touch = next.first_touch::jsonb,
       last_touch = next.last_touch::jsonb,
       trusted_fields = array(select jsonb_array_elements_text(next.trusted_fields::jsonb)),
       updated_at = next.updated_at,
       version = next.version
   from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
               $9::text[], $10::text[], $11::timestamptz[], $12::int[])
     as next (workspace_id, id, first_name, last_name, stage, source, metadata, first_touch, last_touch,
              trusted_fields, updated_at, version)
   where c.workspace_id = next.workspace_id
     and c.id = next.id`,
)
