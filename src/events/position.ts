import { statement, type Tx } from '../database/database.ts'

/** Stands for all workspaces in a reader's key; a reader of one workspace has that one's id. */
const allWorkspaces = '*'

/** How far a durable reader of the log has come, locked until the transaction ends: one node reads at a time. */
export async function lockPosition(tx: Tx, reader: string): Promise<number> {
  const key = [allWorkspaces, reader]
  const [row] = await tx.query<{ position: number }>(selectPosition, key)
  if (row !== undefined) return row.position
  await tx.query(insertPosition, key)
  const [first] = await tx.query<{ position: number }>(selectPosition, key)
  return first?.position ?? 0
}

/** Stores how far the reader has come, in the transaction of what it did with the events. */
export async function movePosition(tx: Tx, reader: string, position: number): Promise<void> {
  await tx.query(updatePosition, [allWorkspaces, reader, position])
}

const insertPosition = statement(
  'insert_reader_position',
  `insert into reader_position (workspace_id, reader, position)
   values ($1, $2, 0)
   on conflict do nothing`,
)

// Index: reader_position_pkey.
const selectPosition = statement(
  'lock_reader_position',
  `select position
   from reader_position
   where workspace_id = $1
     and reader = $2
   for update`,
)

// Index: reader_position_pkey.
const updatePosition = statement(
  'move_reader_position',
  `update reader_position
   set position = $3,
       updated_at = now()
   where workspace_id = $1
     and reader = $2`,
)
