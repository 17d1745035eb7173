import { statement } from '../../../database/database.ts'
import { idLike, nounOfId } from '../../../platform/ids.ts'
import type { Context } from '../../execution/context.ts'
import { batched } from '../../schema/relay/data-loader.ts'

/**
 * Returns the id of the contact that an id names: its own, or that of a receipt, which is made of a submission of the
 * contact (docs/decisions/0018). An id that names no contact is returned as it is.
 */
export async function contactIdOf(context: Context, id: string): Promise<string> {
  return (await findNamedContact(context, id)) ?? id
}

/** The id of the contact that an id names by now; undefined for none. */
export async function findNamedContact(context: Context, id: string): Promise<string | undefined> {
  return nounOfId(id) === 'contact' ? loadNamedContact(context, id) : undefined
}

const loadNamedContact = batched(async ({ database, viewer }: Context, ids: readonly string[]) => {
  const rows = await database.query<{ name: string; id: string }>(selectNamedContacts, [
    viewer.workspaceId,
    ids,
    ids.map((id) => idLike(id, 'submission')),
  ])
  return new Map(rows.map(({ name, id }) => [name, id]))
})

// Indexes: contact_pkey, submission_pkey. A contact's own id comes last: it wins over that of a receipt.
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
