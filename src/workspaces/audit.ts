import { statement, type Tx, unpreparedStatement } from '../database/database.ts'
import { newId } from '../platform/ids.ts'

/** Audit entry: actor, action and target. `details` hold ids and settings, never an e-mail, a name or a secret. */
export interface AuditRecord {
  readonly workspaceId: string
  /** Id of an API key, or `system`. */
  readonly actor: string
  readonly action: string
  readonly targetId?: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** Writes an audit entry in the transaction of the audited action. */
export async function recordAudit(tx: Tx, record: AuditRecord): Promise<void> {
  const { workspaceId, action, actor, targetId = null, details = {} } = record
  await tx.query(insertAuditEntry, [workspaceId, newId('auditEntry'), action, actor, targetId, JSON.stringify(details)])
}

/** Deletes the details of the audit entries about an erased target; actor, time and action stay. */
export async function redactAudit(tx: Tx, workspaceId: string, targetId: string): Promise<void> {
  for (let cleared = pageRows; cleared === pageRows; )
    cleared = (await tx.query(clearDetails, [workspaceId, targetId, pageRows])).length
}

/** Rows per statement. */
const pageRows = 1000

const insertAuditEntry = statement(
  'insert_audit_entry',
  `insert into audit_entry (workspace_id, id, action, actor, target_id, details)
   values ($1, $2, $3, $4, $5, $6::jsonb)`,
)

// Index: audit_entry_workspace_id_target_id_idx.
const clearDetails = unpreparedStatement(
  'redact_audit_entries',
  `update audit_entry
   set details = '{}'
   where workspace_id = $1
     and id = any (array(
       select id
       from audit_entry
       where workspace_id = $1
         and target_id = $2
         and details <> '{}'
       limit $3
     ))
   returning id`,
)
