import { type Database, statement } from '../database/database.ts'
import type { SecretBox } from '../platform/crypto/secret-box.ts'
import { AppError, invalidRequest } from '../platform/errors.ts'
import { recordAudit } from '../workspaces/audit.ts'
import type { Viewer } from '../workspaces/viewer.ts'
import { generateSecret, hintOf } from './secret.ts'

const maxOverlapHours = 168

export interface RotationRequest {
  readonly id: string
  /** Hours for which both secrets are valid: 0 to 168. */
  readonly overlapHours: number
  /** Name of this field as the API in use (GraphQL or REST) spells it. */
  readonly overlapPath: string
}

/**
 * Replaces an endpoint's secret and returns the new one, which is shown only once. The old secret stays valid for the
 * overlap; an older one that is still valid is deleted. @throws AppError `invalid_request`, `not_found`
 */
export async function rotateSecret(
  { database, secretBox }: { readonly database: Database; readonly secretBox: SecretBox },
  viewer: Viewer,
  { id, overlapHours, overlapPath }: RotationRequest,
): Promise<string> {
  if (!Number.isInteger(overlapHours) || overlapHours < 0 || overlapHours > maxOverlapHours)
    throw invalidRequest([{ path: overlapPath, message: `a whole number from 0 to ${maxOverlapHours} is expected` }])
  const { workspaceId, apiKeyId: actor } = viewer
  const secret = generateSecret()
  const sealed = secretBox.seal(secret, { workspaceId, id })
  await database.inTransaction(async (tx) => {
    const rows = await tx.query(replaceSecret, [workspaceId, id, sealed, hintOf(secret), overlapHours])
    if (rows.length === 0) throw new AppError('not_found', 'There is no such webhook endpoint.')
    const action = 'webhook_endpoint.secret_rotated'
    await recordAudit(tx, { workspaceId, actor, action, targetId: id, details: { overlapHours } })
  })
  return secret
}

// Index: webhook_endpoint_pkey.
const replaceSecret = statement(
  'rotate_webhook_secret',
  `update webhook_endpoint
   set previous_secret = case when $5::int > 0 then secret end,
       previous_secret_expires_at = case when $5::int > 0 then now() + $5::int * interval '1 hour' end,
       accepts_previous = false,
       secret = $3,
       secret_hint = $4,
       updated_at = now()
   where workspace_id = $1
     and id = $2
   returning id`,
)
