import { type Database, statement } from '../database/database.ts'
import type { SecretBox } from './secret-box.ts'

const batchEndpoints = 100

/**
 * Encrypts every secret again under the first key of the ring, batch by batch, and answers how many endpoints it wrote.
 * After it has run, the other keys can be taken out of the ring. It may run while the service does.
 */
export async function reencryptSecrets(database: Database, secretBox: SecretBox): Promise<number> {
  let written = 0
  for (let after: EndpointRow | undefined; ; ) {
    const batch: readonly EndpointRow[] = await reencryptBatch(database, secretBox, after)
    written += batch.length
    after = batch.at(-1)
    if (after === undefined) return written
  }
}

/** The rows stay locked from the reading to the commit, so that a rotation in between is not undone. */
async function reencryptBatch(database: Database, secretBox: SecretBox, after: EndpointRow | undefined) {
  return database.inTransaction(async (tx) => {
    const place = [after?.workspace_id ?? '', after?.id ?? '']
    const rows = await tx.query<EndpointRow>(lockSecrets, [...place, batchEndpoints])
    const again = (row: EndpointRow, sealed: string | null) => sealed && secretBox.reseal(sealed, ownerOf(row))
    await tx.query(updateSecrets, [
      rows.map((row) => row.workspace_id),
      rows.map((row) => row.id),
      rows.map((row) => again(row, row.secret)),
      rows.map((row) => again(row, row.previous_secret)),
    ])
    return rows
  })
}

function ownerOf({ workspace_id: workspaceId, id: endpointId }: EndpointRow) {
  return { workspaceId, endpointId }
}

interface EndpointRow {
  workspace_id: string
  id: string
  secret: string
  previous_secret: string | null
}

// Index: webhook_endpoint_pkey.
const lockSecrets = statement(
  'lock_webhook_secrets',
  `select workspace_id, id, secret, previous_secret
   from webhook_endpoint
   where (workspace_id, id) > ($1, $2)
   order by workspace_id, id
   limit $3
   for update`,
)

// Index: webhook_endpoint_pkey.
const updateSecrets = statement(
  'update_webhook_secrets',
  `update webhook_endpoint e
   set secret = given.secret,
       previous_secret = given.previous_secret
   from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as given (workspace_id, id, secret, previous_secret)
   where e.workspace_id = given.workspace_id
     and e.id = given.id`,
)
