import type { Config } from '../../config/config.ts'
import type { Database } from '../../database/database.ts'
import { createSignInLink } from '../../workspaces/sessions/sign-in-link.ts'

/** Creates a sign-in link. Its token is in the fragment, which no browser sends and no server logs. */
export async function signInUrl(database: Database, config: Config, url: string): Promise<string | undefined> {
  if (config.role === 'worker') return undefined
  const token = await createSignInLink(database, config.defaultWorkspace)
  return token && `${config.publicUrl ?? url}/#/sign-in/${token}`
}
