import { type Database, statement, type Tx } from '../database/database.ts'
import type { Log } from '../platform/log.ts'

const batchRows = 500
/** A request that began before the deletion may still write: it has ended by then. */
const graceSeconds = 30
const maxLookedAt = 10

/**
 * Deletes a batch of rows of a deleted workspace, whatever tables there are, and returns whether more is left to delete
 * now. A workspace goes last, when nothing of it is left and nothing can come any more. Each batch is a transaction of
 * its own: a crash repeats one, and nodes take different workspaces.
 */
export function createWorkspaceRemoval(database: Database, log: Log): () => Promise<boolean> {
  return () =>
    database.inTransaction(async (tx) => {
      const deleted = await tx.query<DeletedWorkspace>(lockDeleted, [graceSeconds, maxLookedAt])
      if (deleted.length === 0) return false
      const tables = await tx.query<{ name: string }>(selectTables)
      for (const { id, is_over: isOver } of deleted) {
        if (await deleteSomeRows(tx, tables, id)) return true
        if (!isOver) continue
        await tx.query(deleteRow, [id])
        log.info({ workspace_id: id }, 'workspace.removed')
        return true
      }
      return false
    })
}

interface DeletedWorkspace {
  readonly id: string
  readonly is_over: boolean
}

async function deleteSomeRows(tx: Tx, tables: readonly { readonly name: string }[], id: string): Promise<boolean> {
  for (const { name } of tables) {
    const gone = await tx.query(deleteRowsOf(name), [id, batchRows])
    if (gone.length > 0) return true
  }
  return false
}

// Each table has the workspace first in its primary key. The rows are reached by ctid: no column is common to all.
function deleteRowsOf(table: string) {
  return statement(
    `delete_workspace_rows_of_${table}`,
    `delete from ${table}
     where ctid = any (array(select ctid from ${table} where workspace_id = $1 limit $2))
       and workspace_id = $1
     returning 1`,
  )
}

// Index: workspace_ended_idx.
const lockDeleted = statement(
  'lock_deleted_workspaces',
  `select id, deleted_at < now() - $1::float8 * interval '1 second' as is_over
   from workspace
   where deleted_at is not null
   order by deleted_at, id
   limit $2
   for update skip locked`,
)

// Of every table, so that one that is added later is not forgotten. First what makes other rows; attempts before their
// deliveries, and deliveries before their events, since whoever reads them joins them.
const selectTables = statement(
  'select_tables_of_workspaces',
  `select format('%I', c.table_name) as name
   from information_schema.columns c
   join information_schema.tables t using (table_schema, table_name)
   where c.table_schema = current_schema()
     and c.column_name = 'workspace_id'
     and t.table_type = 'BASE TABLE'
   order by array_position(
     array['api_key', 'replay', 'webhook_endpoint', 'attempt', 'delivery', 'event'], c.table_name::text
   ) nulls last, c.table_name`,
)

// Index: workspace_pkey.
const deleteRow = statement('delete_workspace_row', 'delete from workspace where id = $1')
