import { type Database, statement, unpreparedStatement } from '../database/database.ts'
import type { MergePolicy } from '../generated/prisma/enums.ts'
import { invalidRequest } from '../platform/errors.ts'
import { recordAudit } from './audit.ts'

/** Settings of a workspace; omitted ones are unchanged. */
export interface WorkspaceSettings {
  readonly name?: string
  readonly allowedOrigins?: readonly string[]
  readonly redirectOrigins?: readonly string[]
  readonly mergePolicy?: MergePolicy
  readonly stages?: readonly string[]
  readonly proofOfWork?: boolean
  readonly privateReceipts?: boolean
  /** Null removes it. */
  readonly defaultCountry?: string | null
}

/** Changes a workspace's settings. @throws AppError `invalid_request` when a stage is removed that contacts have */
export async function changeWorkspaceSettings(
  database: Database,
  request: { readonly workspaceId: string; readonly actor: string; readonly settings: WorkspaceSettings },
): Promise<void> {
  const { workspaceId, actor, settings } = request
  const { name = null, allowedOrigins = null, redirectOrigins = null, mergePolicy = null, stages = null } = settings
  const { proofOfWork = null, privateReceipts = null, defaultCountry } = settings
  await database.inTransaction(async (tx) => {
    await tx.query(updateSettings, [
      workspaceId,
      name,
      allowedOrigins,
      redirectOrigins,
      mergePolicy,
      stages,
      proofOfWork,
      privateReceipts,
      defaultCountry !== undefined,
      defaultCountry ?? null,
    ])
    const inMissingStage = stages === null ? [] : await tx.query(selectInMissingStage, [workspaceId, stages])
    if (inMissingStage.length > 0)
      throw invalidRequest([{ path: 'stages', message: 'must include every stage that contacts have' }])
    const details = { fields: Object.keys(settings) }
    await recordAudit(tx, { workspaceId, actor, action: 'workspace.updated', targetId: workspaceId, details })
  })
}

// Index: workspace_pkey.
const updateSettings = statement(
  'update_workspace_settings',
  `update workspace
   set name = coalesce($2, name),
       allowed_origins = coalesce($3::text[], allowed_origins),
       redirect_origins = coalesce($4::text[], redirect_origins),
       merge_policy = coalesce($5::text::merge_policy, merge_policy),
       stages = coalesce($6::text[], stages),
       proof_of_work = coalesce($7::boolean, proof_of_work),
       private_receipts = coalesce($8::boolean, private_receipts),
       default_country = case when $9::boolean then $10::text else default_country end
   where id = $1`,
)

// No index: a workspace's stages change a few times in its life.
const selectInMissingStage = unpreparedStatement(
  'select_contact_of_missing_stage',
  `select id
   from contact
   where workspace_id = $1
     and stage <> all ($2::text[])
   limit 1`,
)
