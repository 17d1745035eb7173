import { type Database, unpreparedStatement } from '../../database/database.ts'

/** Held submissions of a source. */
export interface HeldOfSource {
  readonly sourceId: string
  readonly held: number
}

/** Counts the held submissions of a workspace, up to the limit. */
export async function countHeld(database: Database, workspaceId: string, limit: number): Promise<number> {
  const [row] = await database.query<{ held: number }>(selectHeld, [workspaceId, limit])
  return row?.held ?? 0
}

/** Counts the held submissions of each source that has any, up to the limit each. */
export function countHeldOfSources(database: Database, workspaceId: string, limit: number): Promise<HeldOfSource[]> {
  return database.query<HeldOfSource>(selectHeldOfSources, [workspaceId, limit])
}

// Index: submission_kept_back_idx.
const selectHeld = unpreparedStatement(
  'count_held_submissions',
  `select count(*)::int as held
   from (
     select
     from submission
     where workspace_id = $1
       and status = 'HELD'
       and status <> 'ACCEPTED'
     limit $2
   ) as found`,
)

// Indexes: source_pkey (a workspace has 200 sources at most), submission_source_kept_back_idx.
const selectHeldOfSources = unpreparedStatement(
  'count_held_submissions_of_sources',
  `select s.id as "sourceId", found.held
   from source s
   cross join lateral (
     select count(*)::int as held
     from (
       select
       from submission
       where workspace_id = s.workspace_id
         and source_id = s.id
         and status = 'HELD'
         and status <> 'ACCEPTED'
       limit $2
     ) as counted
   ) as found
   where s.workspace_id = $1
     and found.held > 0
   order by found.held desc, s.id`,
)
