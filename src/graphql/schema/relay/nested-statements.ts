import { type Statement, statement, type Value } from '../../../database/database.ts'
import type { Context } from '../../execution/context.ts'
import { haveIndexOfStatus, indexedStatuses } from '../../types/delivery/delivery-list.ts'
import type { Slice } from './connection.ts'
import { preparedText } from './sql-statement.ts'

/** Columns by which a nested list is queried. */
export interface Columns {
  readonly table: 'submission' | 'event' | 'delivery'
  readonly parentColumn: 'contact_id' | 'event_id' | 'endpoint_id' | 'source_id'
  readonly orderColumn: 'id' | 'position'
}

/** Row of a child with the id of its parent. */
export type ChildRow<Row> = Row & { readonly parent_id: string }

/** Maximum rows per parent that are read for a status that has no index because most rows have it. */
const rowsPerParent = 500

/** A row of a parent, or a row without an id, which means that only a part of the parent's rows was read. */
export interface FoundChild {
  readonly parent_id: string
  readonly id: string | null
  /** Key of the last row that was read. */
  readonly last_place: string | null
}

/** Finds the pages of all parents: for each at most one row more than the size of the slice. */
export function findChildren(
  { database, viewer }: Context,
  columns: Columns,
  slice: Slice,
  parentIds: readonly string[],
  statuses: readonly string[] | null,
): Promise<FoundChild[]> {
  const range = rangeOf(columns, slice)
  const values: Value[] = [viewer.workspaceId, parentIds, slice.size + 1, ...range.values]
  if (statuses === null) return database.query(selectChildren(columns, slice, range), values)
  const ofStatus = haveIndex(columns, statuses)
    ? selectIndexedStatuses(columns, slice, range)
    : selectOfStatus(columns, slice, range)
  return database.query(ofStatus, [...values, [...new Set(statuses)]])
}

/** Reads the pages of all parents with the selected columns of their rows, without a condition on the status. */
export function readChildRows<Row>(
  { database, viewer }: Context,
  columns: Columns,
  selected: string,
  slice: Slice,
  parentIds: readonly string[],
): Promise<ChildRow<Row>[]> {
  const range = rangeOf(columns, slice)
  const values: Value[] = [viewer.workspaceId, parentIds, slice.size + 1, ...range.values]
  return database.query(selectChildRows(columns, selected, slice, range), values)
}

/** Conditions of the partial indexes on parent, status and id: they have every status that few rows have. */
const indexedBy = { delivery: `row.status in (${indexedStatuses})`, submission: `row.status <> 'ACCEPTED'` } as const

/** A table whose nested lists can be filtered by status. */
function tableWithStatus({ table }: Columns): keyof typeof indexedBy {
  if (table === 'event') throw new Error('Events have no status.')
  return table
}

function haveIndex(columns: Columns, statuses: readonly string[]): boolean {
  return tableWithStatus(columns) === 'delivery' ? haveIndexOfStatus(statuses) : !statuses.includes('ACCEPTED')
}

interface Range {
  /** Suffix of the statement's name. Each range has its own text, because one plan for all could not start at a cursor. */
  readonly name: string
  readonly text: string
  readonly values: readonly (string | number)[]
}

function rangeOf({ orderColumn }: Columns, { after, before }: Slice): Range {
  const type = orderColumn === 'id' ? 'text' : 'bigint'
  const bounds = [
    { name: 'after', operator: '<', key: after?.[0] },
    { name: 'before', operator: '>', key: before?.[0] },
  ].flatMap(({ key, ...bound }) => (key === undefined ? [] : [{ ...bound, key }]))
  return {
    name: bounds.map(({ name }) => `_${name}`).join(''),
    text: bounds.map(({ operator }, nth) => `and row.${orderColumn} ${operator} $${4 + nth}::${type}`).join(' '),
    values: bounds.map(({ key }) => key),
  }
}

function directionOf({ fromEnd }: Slice): 'asc' | 'desc' {
  return fromEnd ? 'asc' : 'desc'
}

// Index: that of the table on (workspace_id, parent, order).
function selectChildren({ table, parentColumn, orderColumn }: Columns, slice: Slice, range: Range): Statement {
  const direction = directionOf(slice)
  return statement(
    `select_${table}_ids_by_${parentColumn}_${direction}${range.name}`,
    `select parent.id as parent_id, child.id, null as last_place
     from unnest($2::text[]) as parent (id)
     cross join lateral (
       select row.id, row.${orderColumn} as place
       from ${table} as row
       where row.workspace_id = $1
         and row.${parentColumn} = parent.id
         ${range.text}
       order by row.${orderColumn} ${direction}
       limit $3
     ) as child
     order by parent.id, child.place ${direction}`,
  )
}

// Index: that of the table on (workspace_id, parent, order).
function selectChildRows(columns: Columns, selected: string, slice: Slice, range: Range): Statement {
  const { table, parentColumn, orderColumn } = columns
  const direction = directionOf(slice)
  return preparedText(
    `select parent.id as parent_id, child.*
     from unnest($2::text[]) as parent (id)
     cross join lateral (
       select ${selected}
       from ${table} as row
       where row.workspace_id = $1
         and row.${parentColumn} = parent.id
         ${range.text}
       order by row.${orderColumn} ${direction}
       limit $3
     ) as child
     order by parent.id, child.${orderColumn} ${direction}`,
  )
}

// Indexes: delivery_endpoint_troubled_idx, submission_source_kept_back_idx, one scan per status.
function selectIndexedStatuses(columns: Columns, slice: Slice, range: Range): Statement {
  const { parentColumn } = columns
  const table = tableWithStatus(columns)
  const direction = directionOf(slice)
  return statement(
    `select_${table}_ids_of_indexed_status_by_${parentColumn}_${direction}${range.name}`,
    `select parent.id as parent_id, child.id, null as last_place
     from unnest($2::text[]) as parent (id)
     cross join lateral (
       select found.id
       from unnest($${4 + range.values.length}::text[]::${table}_status[]) as wanted (status)
       cross join lateral (
         select row.id
         from ${table} as row
         where row.workspace_id = $1
           and row.${parentColumn} = parent.id
           and row.status = wanted.status
           and ${indexedBy[table]}
           ${range.text}
         order by row.id ${direction}
         limit $3
       ) as found
       order by found.id ${direction}
       limit $3
     ) as child
     order by parent.id, child.id ${direction}`,
  )
}

// Indexes: delivery_workspace_id_endpoint_id_id_idx, submission_source_idx.
function selectOfStatus(columns: Columns, slice: Slice, range: Range): Statement {
  const { parentColumn } = columns
  const table = tableWithStatus(columns)
  const direction = directionOf(slice)
  return statement(
    `select_${table}_ids_of_status_by_${parentColumn}_${direction}${range.name}`,
    `select parent.id as parent_id, child.id, child.last_place
     from unnest($2::text[]) as parent (id)
     cross join lateral (
       with near as materialized (
         select row.id, row.status
         from ${table} as row
         where row.workspace_id = $1
           and row.${parentColumn} = parent.id
           ${range.text}
         order by row.id ${direction}
         limit ${rowsPerParent}
       )
       (select id, null as last_place
        from near
        where status = any ($${4 + range.values.length}::text[]::${table}_status[])
        order by id ${direction}
        limit $3)
       union all
       (select null, id
        from near
        order by id ${direction}
        offset ${rowsPerParent - 1}
        limit 1)
     ) as child
     order by parent.id, child.id ${direction}`,
  )
}
