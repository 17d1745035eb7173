import { type Database, type Statement, statement, type Tx } from '../database/database.ts'
import { AppError, invalidRequest } from '../platform/errors.ts'
import { recordAudit } from './audit.ts'
import { auditByOperator, type Operator, operatorActor } from './operator.ts'

/** Request of an operator to change a workspace. */
interface OperatorRequest {
  readonly id: string
  readonly operator: Operator
}

/**
 * Makes a workspace reject all requests. Its data is kept; its deliveries wait until it is enabled.
 * @throws AppError `invalid_request` for the default workspace, and for an unknown id
 */
export async function disableWorkspace(database: Database, request: OperatorRequest): Promise<void> {
  refuseDefault(request, 'disabled')
  await switchWorkspace(database, request, { mark: markDisabled, action: 'workspace.disabled' })
}

/** Reverts `disableWorkspace`. @throws AppError `invalid_request` for an unknown id */
export async function enableWorkspace(database: Database, request: OperatorRequest): Promise<void> {
  await switchWorkspace(database, request, { mark: markEnabled, action: 'workspace.enabled' })
}

/**
 * Deletes a workspace: from the commit on its host and its keys are unknown. Its rows are deleted step by step
 * (workspace-removal.ts); its slug is free again after the last of them.
 * @throws AppError `not_found`, `invalid_request` for the default workspace, and for a slug that differs from the
 * workspace's
 */
export async function deleteWorkspace(
  database: Database,
  request: OperatorRequest & { readonly confirmSlug: string },
): Promise<void> {
  refuseDefault(request, 'deleted')
  const { id, confirmSlug, operator } = request
  await database.inTransaction(async (tx) => {
    const [found] = await tx.query<{ slug: string }>(lockWorkspace, [id])
    if (found === undefined) throw new AppError('not_found', 'There is no such workspace.')
    const { slug } = found
    if (slug !== confirmSlug)
      throw invalidRequest([{ path: 'confirmSlug', message: 'must be the slug of the workspace' }])
    await tx.query(markDeleted, [id])
    await auditByOperator(tx, operator, { action: 'workspace.deleted', workspaceId: id, slug })
  })
}

/** Protects the default workspace: its keys are the operator's, and without them the change could not be reverted. */
function refuseDefault({ id, operator }: OperatorRequest, verb: string): void {
  if (id !== operator.workspaceId) return
  throw invalidRequest([{ path: 'id', message: `the default workspace cannot be ${verb}` }])
}

/** Sets the mark and, if it changed, records that in both workspaces. */
async function switchWorkspace(
  database: Database,
  { id, operator }: OperatorRequest,
  { mark, action }: { readonly mark: Statement; readonly action: string },
): Promise<void> {
  await database.inTransaction(async (tx) => {
    const [found] = await tx.query<{ slug: string; is_new: boolean }>(mark, [id])
    if (found === undefined) throw invalidRequest([{ path: 'id', message: 'no workspace has this id' }])
    if (found.is_new) await recordInBoth(tx, { id, operator }, { action, slug: found.slug })
  })
}

async function recordInBoth(
  tx: Tx,
  { id, operator }: OperatorRequest,
  { action, slug }: { readonly action: string; readonly slug: string },
): Promise<void> {
  await recordAudit(tx, { workspaceId: id, actor: operatorActor, action, targetId: id })
  await auditByOperator(tx, operator, { action, workspaceId: id, slug })
}

// Index: workspace_pkey.
const lockWorkspace = statement(
  'lock_workspace',
  `select slug
   from workspace
   where id = $1
     and deleted_at is null
   for update`,
)

// Index: workspace_pkey.
const markDeleted = statement('delete_workspace', 'update workspace set deleted_at = now() where id = $1')

const switched = (value: string) =>
  `update workspace w
   set disabled_at = ${value}
   from (select id, disabled_at from workspace where id = $1 and deleted_at is null for update) before
   where w.id = before.id
   returning w.slug, (before.disabled_at is null) <> (w.disabled_at is null) as is_new`

// Index: workspace_pkey.
const markDisabled = statement('disable_workspace', switched('coalesce(before.disabled_at, now())'))
const markEnabled = statement('enable_workspace', switched('null'))
