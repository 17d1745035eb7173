import { type Database, statement } from '../../database/database.ts'
import { hashKey } from '../key.ts'
import { selectOperator } from '../operator.ts'
import { generateToken } from './session-token.ts'

/** Seconds for which a sign-in link is valid. */
const linkSeconds = 60

/**
 * Creates a link that signs in once, with the rights of the operator, and returns its token, which cannot be read
 * later. Returns undefined when there is no workspace.
 */
export async function createSignInLink(database: Database, defaultWorkspace: string): Promise<string | undefined> {
  const token = generateToken()
  const created = await database.query(insertLink, [defaultWorkspace, hashKey(token), linkSeconds])
  return created.length === 0 ? undefined : token
}

const insertLink = statement(
  'insert_sign_in_link',
  `insert into sign_in_link (workspace_id, hash, expires_at)
   select id, $2, now() + $3::float8 * interval '1 second'
   from (${selectOperator}) as operator
   returning workspace_id`,
)
