import { statement } from '../../../database/database.ts'
import { idLike, nounOfId } from '../../../platform/ids.ts'
import type { Context } from '../../execution/context.ts'
import { createDataLoader } from '../../schema/relay/data-loader.ts'

/**
 * Returns the id of the contact that an id refers to: a contact id, or the id of a receipt, which is derived from a
 * submission of the contact (docs/decisions/0018). Any other id is returned unchanged.
 */
export async function contactIdOf(context: Context, id: string): Promise<string> {
  return (await findNamedContact(context, id)) ?? id
}

/** Returns the id of the contact that an id refers to now; undefined if there is none. */
export async function findNamedContact(context: Context, id: string): Promise<string | undefined> {
  return nounOfId(id) === 'contact' ? loadNamedContact(context, id) : undefined
}

const loadNamedContact = createDataLoader(async ({ database, viewer }: Context, ids: readonly string[]) => {
  const rows = await database.query<{ name: string; id: string }>(selectNamedContacts, [
    viewer.workspaceId,
    ids,
    ids.map((id) => idLike(id, 'submission')),
  ])
  return new Map(rows.map(({ name, id }) => [name, id]))
})

// Indexes: contact_pkey, submission_pkey. A contact's own id comes last, because it has priority over that of a receipt.
const selectNamedContacts = statement(
  'select_named_contacts',
  `select given.name, contact.id
   from unnest($2::text[], $3::text[]) as given (name, submission_id)
   left join submission
     on submission.workspace_id = $1
    and submission.id = given.submission_id
   join contact
     on contact.workspace_id = $1
    and contact.id in (given.name, submission.contact_id)
   order by contact.id = given.name`,
)
