import { type Database, opening, type Queryable, statement, type Tx } from '../database/database.ts'
import { withReason } from './screen/screening.ts'
import type { PreparedCapture } from './write/prepared-capture.ts'

/** Counters per workspace: concurrent captures seldom wait for the same one. */
const slots = 8

/** Bytes that anonymous captures of a workspace have stored. */
export interface StorageUse {
  readonly workspaceId: string
  readonly bytes: number
}

/**
 * Holds the anonymous captures of workspaces that have reached their limit, and removes their posted fields: the e-mail
 * stays, so that a release or an erasure finds it. A batch may exceed the limit by its overhead beyond the body bytes.
 */
export async function holdAboveBound(
  tx: Tx,
  records: readonly PreparedCapture[],
  maxBytes: number | undefined,
): Promise<readonly PreparedCapture[]> {
  const anonymous = records.filter(({ caller }) => !caller.isTrusted)
  if (maxBytes === undefined || anonymous.length === 0) return records
  const used = await readStorage(
    tx,
    anonymous.map(({ workspaceId }) => workspaceId),
  )
  return records.map((record) => {
    if (record.caller.isTrusted) return record
    const bytes = used.get(record.workspaceId) ?? 0
    if (bytes >= maxBytes) return heldOverStorage(record)
    used.set(record.workspaceId, bytes + record.byteLength)
    return record
  })
}

function heldOverStorage(record: PreparedCapture): PreparedCapture {
  const screening = withReason(record.screening, 'over_storage')
  const inbound = record.inbound && { ...record.inbound, raw: null }
  return { ...record, screening, posted: {}, inbound, origin: null, userAgent: null }
}

/** Returns the stored bytes by workspace; a workspace without anonymous captures is not in the map. */
export async function readStorage(database: Queryable, workspaceIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await database.query<StorageUse>(sumStorage, [[...new Set(workspaceIds)]])
  return new Map(rows.map(({ workspaceId, bytes }) => [workspaceId, bytes]))
}

/** Returns the workspaces that store the most. */
export function readLargestStorage(database: Database, limit: number): Promise<StorageUse[]> {
  return database.query<StorageUse>(selectLargest, [limit])
}

/**
 * Returns SQL that adds bytes to the counters. It is part of the statement that stores or deletes the rows, so that
 * both are committed together. Sorted by workspace, so that two statements cannot deadlock.
 * @param bytes an expression over a row of `rows`; negative for deleted rows
 */
export function addToStorage(rows: string, bytes: string): string {
  return `insert into capture_storage as counter (workspace_id, slot, bytes)
   select workspace_id, floor(random() * ${slots})::int, sum(${bytes})
   from ${rows}
   group by workspace_id
   having sum(${bytes}) <> 0
   order by workspace_id
   on conflict (workspace_id, slot) do update
   set bytes = counter.bytes + excluded.bytes
   returning 1`
}

// Index: capture_storage_pkey.
const sumStorage = opening(
  statement(
    'sum_capture_storage',
    `select workspace_id as "workspaceId", greatest(sum(bytes), 0)::float8 as bytes
     from capture_storage
     where workspace_id = any ($1::text[])
     group by workspace_id`,
  ),
)

const selectLargest = statement(
  'select_largest_capture_storage',
  `select workspace_id as "workspaceId", greatest(sum(bytes), 0)::float8 as bytes
   from capture_storage
   group by workspace_id
   order by sum(bytes) desc, workspace_id
   limit $1`,
)
