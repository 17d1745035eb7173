import { type Database, statement, type Tx } from '../database/database.ts'
import { recordAudit } from './audit.ts'
import type { Viewer } from './viewer.ts'

/** Key of the workspace that runs this installation. */
export type Operator = Pick<Viewer, 'workspaceId' | 'apiKeyId'>

/** Name of the operator in the audit log of other workspaces, which must not see the id of its key. */
export const operatorActor = 'operator'

/**
 * Returns whether a key belongs to the operator's workspace: the default one, or the oldest when there is no default.
 */
export type IsOperator = (viewer: Operator) => Promise<boolean>

/** Creates the check. It queries the database each time: it is rarely needed and must be exact. */
export function createIsOperator(database: Database, defaultWorkspace: string): IsOperator {
  return async ({ workspaceId }) => {
    const [own] = await database.query(selectOperatorWorkspace, [defaultWorkspace, workspaceId])
    return own !== undefined
  }
}

/** Records in the operator's workspace an action of its key on another workspace. */
export async function auditByOperator(
  tx: Tx,
  operator: Operator,
  act: { readonly action: string; readonly workspaceId: string; readonly slug: string },
): Promise<void> {
  const { workspaceId, apiKeyId: actor } = operator
  const { action, workspaceId: targetId, slug } = act
  await recordAudit(tx, { workspaceId, actor, action, targetId, details: { slug } })
}

/** Returns the slug of the oldest workspace; undefined when there is none. */
export async function findOldestSlug(database: Database): Promise<string | undefined> {
  const [oldest] = await database.query<{ slug: string }>(selectOldestSlug)
  return oldest?.slug
}

const oldest = `select slug
   from workspace
   where deleted_at is null
   order by created_at, id
   limit 1`

// No index: runs at a start, and when a workspace is created or deleted.
const selectOldestSlug = statement('select_oldest_workspace', oldest)

/** Selects the id of the operator's workspace; the slug of the default one is `$1`. Index: workspace_slug_key. */
export const selectOperator = `select id
   from workspace
   where slug = coalesce(nullif($1, ''), (${oldest}))
     and deleted_at is null`

// Index: workspace_pkey.
const selectOperatorWorkspace = statement('select_operator_workspace', `${selectOperator} and id = $2`)
