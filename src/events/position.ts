import { opening, statement, type Tx } from '../database/database.ts'

/** Workspace id in the key of a reader of all workspaces; a reader of one workspace has that workspace's id. */
const allWorkspaces = '*'

/**
 * Returns the position of a durable reader of the log and locks it until the transaction ends: one node reads at a
 * time.
 */
export async function lockPosition(tx: Tx, reader: string): Promise<number> {
  const key = [allWorkspaces, reader]
  const [row] = await tx.query<{ position: number }>(selectPosition, key)
  if (row !== undefined) return row.position
  await tx.query(insertPosition, key)
  const [first] = await tx.query<{ position: number }>(selectPosition, key)
  return first?.position ?? 0
}

/**
 * Returns SQL for the position of a durable reader of the log.
 * @param reader SQL expression
 */
export function positionText(reader: string): string {
  return `coalesce((
            select position
            from reader_position
            where workspace_id = '${allWorkspaces}'
              and reader = ${reader}
          ), 0)`
}

/**
 * Returns SQL for the position up to which a reader has handled the events of a workspace.
 * @param reader SQL expression
 * @param workspaceId SQL expression
 */
export function reachedText(reader: string, workspaceId: string): string {
  return `coalesce((
            select min(reached.position)
            from reader_position reached
            where reached.reader = ${reader}
              and reached.workspace_id in ('${allWorkspaces}', ${workspaceId})
          ), 0)`
}

/**
 * Returns SQL for whether a reader has left workspaces behind, which may have caught up.
 * @param reader SQL expression
 */
export function someBehindText(reader: string): string {
  return `(
            select count(*) > 0
            from reader_position behind
            where behind.reader = ${reader}
              and behind.workspace_id <> '${allWorkspaces}'
          )`
}

/** Stores the reader's position, in the transaction that handled the events. */
export async function movePosition(tx: Tx, reader: string, position: number): Promise<void> {
  await tx.query(updatePosition, [allWorkspaces, reader, position])
}

/** Workspace that a reader has left behind, and the reader's position in it. */
export interface WorkspaceBehind {
  readonly workspaceId: string
  readonly position: number
}

/**
 * Leaves workspaces behind: the reader continues without them and reads them in transactions of their own. The caller
 * holds the reader's lock, here and in the two functions that follow.
 */
export async function leaveBehind(tx: Tx, reader: string, workspaces: readonly WorkspaceBehind[]): Promise<void> {
  if (workspaces.length === 0) return
  await tx.query(insertBehind, [
    reader,
    workspaces.map(({ workspaceId }) => workspaceId),
    workspaces.map(({ position }) => position),
  ])
}

/** Returns which of the workspaces are behind. */
export async function findBehind(tx: Tx, reader: string, workspaceIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ workspace_id: string }>(selectBehind, [reader, workspaceIds])
  return new Set(rows.map((row) => row.workspace_id))
}

/** Removes the workspaces that have caught up with the reader, except those that are being read. */
export async function takeBackCaughtUp(tx: Tx, reader: string, position: number): Promise<void> {
  await tx.query(deleteCaughtUp, [reader, allWorkspaces, position])
}

/**
 * Locks the workspace that has waited longest behind the reader's committed position, which is `upTo`. Skips workspaces
 * that another node reads. Returns undefined when there is none.
 */
export async function lockBehind(tx: Tx, reader: string): Promise<(WorkspaceBehind & { upTo: number }) | undefined> {
  const [row] = await tx.query<{ workspace_id: string; position: number; up_to: number }>(selectNextBehind, [
    reader,
    allWorkspaces,
  ])
  return row && { workspaceId: row.workspace_id, position: row.position, upTo: row.up_to }
}

/** Stores the reader's position in a workspace that `lockBehind` returned. */
export async function moveBehind(tx: Tx, reader: string, { workspaceId, position }: WorkspaceBehind): Promise<void> {
  await tx.query(updatePosition, [workspaceId, reader, position])
}

/**
 * Stops a reader in one workspace until the transaction ends. It first waits for a poll of only this workspace and then
 * takes the lock of all, since other workspaces must not wait for that poll. Afterwards it locks the workspace again,
 * which may have been left behind in the meantime.
 */
export async function lockReader(tx: Tx, reader: string, workspaceId: string): Promise<void> {
  await tx.query(selectPosition, [workspaceId, reader])
  await lockPosition(tx, reader)
  await tx.query(selectPosition, [workspaceId, reader])
}

const insertPosition = statement(
  'insert_reader_position',
  `insert into reader_position (workspace_id, reader, position)
   values ($1, $2, 0)
   on conflict do nothing`,
)

// Index: reader_position_pkey.
const selectPosition = opening(
  statement(
    'lock_reader_position',
    `select position
     from reader_position
     where workspace_id = $1
       and reader = $2
     for update`,
  ),
)

// Index: reader_position_pkey. Uses the time of the clock, not of the transaction: it decides which workspace comes
// last.
const updatePosition = statement(
  'move_reader_position',
  `update reader_position
   set position = $3,
       updated_at = clock_timestamp()
   where workspace_id = $1
     and reader = $2`,
)

const insertBehind = statement(
  'leave_workspaces_behind',
  `insert into reader_position (workspace_id, reader, position)
   select workspace_id, $1, position
   from unnest($2::text[], $3::bigint[]) as behind (workspace_id, position)
   on conflict do nothing`,
)

// Index: reader_position_pkey.
const selectBehind = statement(
  'select_workspaces_behind',
  `select workspace_id
   from reader_position
   where reader = $1
     and workspace_id = any ($2::text[])`,
)

// No index: the table has a row per reader and per workspace that is behind, which are few.
const deleteCaughtUp = statement(
  'take_back_workspaces',
  `delete from reader_position
   where (workspace_id, reader) in (
     select workspace_id, reader
     from reader_position
     where reader = $1
       and workspace_id <> $2
       and position >= $3
     for update skip locked
   )`,
)

// No index, as above.
const selectNextBehind = statement(
  'lock_workspace_behind',
  `select behind.workspace_id, behind.position, main.position as up_to
   from reader_position main
   join reader_position behind on behind.reader = main.reader and behind.position < main.position
   where main.workspace_id = $2
     and main.reader = $1
   order by behind.updated_at
   limit 1
   for update of behind skip locked`,
)
