import { type Database, statement, type Tx, unpreparedStatement } from '../database/database.ts'
import type { Log } from '../platform/log.ts'

const batchRows = 500
/** A request that began before the deletion may still write; after this time it has ended. */
const graceSeconds = 30
const maxWorkspaces = 10

/**
 * Deletes a batch of rows of a deleted workspace from all tables, and returns whether more can be deleted now. The
 * workspace itself is deleted last, when no rows are left and no request can add any. Each batch is a transaction of
 * its own: after a crash one batch is repeated, and nodes handle different workspaces.
 */
export function createWorkspaceRemoval(database: Database, log: Log): () => Promise<boolean> {
  return () =>
    database.inTransaction(async (tx) => {
      const deleted = await tx.query<DeletedWorkspace>(lockDeleted, [graceSeconds, maxWorkspaces])
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
    const deletedRows = await tx.query(deleteRowsOf(name), [id, batchRows])
    if (deletedRows.length > 0) return true
  }
  return false
}

// Each table has the workspace first in its primary key. Rows are selected by ctid, since the tables share no other
// column.
function deleteRowsOf(table: string) {
  return unpreparedStatement(
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

// Selects every table, so that new tables are included. Tables whose rows create other rows come first; attempts before
// their deliveries, and deliveries before their events, since readers join them.
const selectTables = statement(
  'select_tables_of_workspaces',
  `select format('%I', c.table_name) as name
   from information_schema.columns c
   join information_schema.tables t using (table_schema, table_name)
   where c.table_schema = current_schema()
     and c.column_name = 'workspace_id'
     and t.table_type = 'BASE TABLE'
   order by array_position(
     array['api_key', 'source', 'replay', 'webhook_endpoint', 'attempt', 'delivery', 'event'], c.table_name::text
   ) nulls last, c.table_name`,
)

// Index: workspace_pkey.
const deleteRow = statement('delete_workspace_row', 'delete from workspace where id = $1')
