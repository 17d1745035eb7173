import { type Database, statement } from '../../database/database.ts'
import { AppError } from '../../platform/errors.ts'
import { hashKey } from '../key.ts'
import type { KeyFailures } from '../key-failures.ts'
import type { Viewer } from '../viewer.ts'
import { canBeToken } from './session-token.ts'
import { type CreatedSession, insertSession } from './sessions.ts'

/** Signs browsers in. */
export interface SignIn {
  /** Creates a session with the rights of a key. */
  withKey(viewer: Viewer, userAgent: string | undefined): Promise<CreatedSession>
  /** Uses up a sign-in link. @throws AppError `unauthenticated` for one that is unknown, used or expired, `rate_limited` */
  withLink(request: {
    readonly token: string
    readonly network: string
    readonly userAgent: string | undefined
  }): Promise<CreatedSession>
}

export function createSignIn(database: Database, keyFailures: KeyFailures): SignIn {
  const redeem = (token: string, userAgent: string | undefined) =>
    database.inTransaction(async (tx) => {
      if (!canBeToken(token)) throw refused()
      const [key] = await tx.query<LinkedKey>(useLink, [hashKey(token)])
      if (key === undefined) throw refused()
      const { workspace_id: workspaceId, id: apiKeyId, expires_at: ends } = key
      const viewer = { workspaceId, apiKeyId, expiresAt: ends?.getTime() ?? null }
      return insertSession(tx, { viewer, userAgent, by: 'link' })
    })
  return {
    withKey: (viewer, userAgent) =>
      database.inTransaction((tx) => insertSession(tx, { viewer, userAgent, by: 'api_key' })),
    withLink: ({ token, network, userAgent }) =>
      keyFailures.watch({ key: token, network }, () => redeem(token, userAgent)),
  }
}

interface LinkedKey {
  readonly workspace_id: string
  readonly id: string
  readonly expires_at: Date | null
}

function refused(): AppError {
  return new AppError('unauthenticated', 'A sign-in link is needed that is unused and at most 60 seconds old.')
}

// Indexes: sign_in_link_hash_key, api_key_pkey, workspace_ended_idx. The deletion lets one of two requests through. The
// session acts with the oldest good ADMIN key, so that it ends with a key like any other.
const useLink = statement(
  'use_sign_in_link',
  `with used as (
     delete from sign_in_link
     where hash = $1
     returning workspace_id, expires_at
   )
   select k.workspace_id, k.id, k.expires_at
   from used
   join api_key k on k.workspace_id = used.workspace_id
   where used.expires_at > now()
     and 'ADMIN' = any (k.scopes)
     and k.revoked_at is null
     and (k.expires_at is null or k.expires_at > now())
     and not exists (
       select from workspace w where w.id = used.workspace_id and (w.disabled_at is not null or w.deleted_at is not null)
     )
   order by k.created_at, k.id
   limit 1`,
)
