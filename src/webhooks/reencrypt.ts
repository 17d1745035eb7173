import { type Database, statement } from '../database/database.ts'
import type { SecretBox } from './secret-box.ts'

const batchEndpoints = 100
/** Maximum endpoints that the error message names. */
const namedEndpoints = 10

/**
 * Encrypts every secret again with the first key of the ring, batch by batch, and returns the number of endpoints written.
 * Afterwards the other keys can be removed from the ring. It can run while the service runs. A secret that no key can
 * decrypt stays unchanged. @throws after processing all other secrets, if there is such a secret
 */
export async function reencryptSecrets(database: Database, secretBox: SecretBox): Promise<number> {
  let written = 0
  const unopened: string[] = []
  for (let after: EndpointRow | undefined; ; ) {
    const batch: readonly EndpointRow[] = await reencryptBatch(database, secretBox, after, unopened)
    written += batch.length
    after = batch.at(-1)
    if (after === undefined) break
  }
  if (unopened.length === 0) return written
  const some = unopened.slice(0, namedEndpoints).join(', ')
  throw new Error(
    `No key of REX_ENCRYPTION_KEYS can decrypt the secrets of ${unopened.length} webhook endpoints (${some}). ` +
      `Those of the other ${written - unopened.length} are encrypted with the first key.`,
  )
}

/** Encrypts one batch. The rows stay locked until the commit, so that a concurrent rotation is not undone. */
async function reencryptBatch(
  database: Database,
  secretBox: SecretBox,
  after: EndpointRow | undefined,
  unopened: string[],
) {
  return database.inTransaction(async (tx) => {
    const place = [after?.workspace_id ?? '', after?.id ?? '']
    const rows = await tx.query<EndpointRow>(lockSecrets, [...place, batchEndpoints])
    const resealed = rows.flatMap((row) => {
      const again = reseal(secretBox, row)
      if (again === undefined) unopened.push(row.id)
      return again ?? []
    })
    await tx.query(updateSecrets, [
      resealed.map((row) => row.workspace_id),
      resealed.map((row) => row.id),
      resealed.map((row) => row.secret),
      resealed.map((row) => row.previous_secret),
    ])
    return rows
  })
}

function reseal(secretBox: SecretBox, row: EndpointRow): EndpointRow | undefined {
  const owner = ownerOf(row)
  const { secret, previous_secret: previous } = row
  try {
    return {
      ...row,
      secret: secretBox.reseal(secret, owner),
      previous_secret: previous && secretBox.reseal(previous, owner),
    }
  } catch {
    return undefined // The error at the end names it.
  }
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
