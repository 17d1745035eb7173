import type { LeadFragment } from '../../../../../generated/graphql/graphql.ts'

/** Leads in order without a lead twice, and those that wait until the reader asks for them. */
export interface LeadRows {
  /** Newest first. */
  readonly rows: readonly LeadFragment[]
  /** Leads that arrived above, by id; they do not move what is read. */
  readonly waiting: ReadonlyMap<string, LeadFragment>
}

export const noRows: LeadRows = { rows: [], waiting: new Map() }

/** Order of the server: by time, then by id. */
export function isAbove(one: LeadFragment, other: LeadFragment): boolean {
  return one.createdAt === other.createdAt ? one.id > other.id : one.createdAt > other.createdAt
}

/** Returns the rows with the newer versions; rows that did not change stay the same objects. */
export function withUpdates(list: LeadRows, updates: ReadonlyMap<string, LeadFragment>): LeadRows {
  if (updates.size === 0) return list
  const newer = (lead: LeadFragment) => {
    const update = updates.get(lead.id)
    return update !== undefined && update.version > lead.version ? update : lead
  }
  const waiting = new Map([...list.waiting].map(([id, lead]) => [id, newer(lead)]))
  return { rows: list.rows.map(newer), waiting }
}

export function without(list: LeadRows, ids: ReadonlySet<string>): LeadRows {
  if (ids.size === 0) return list
  const waiting = new Map([...list.waiting].filter(([id]) => !ids.has(id)))
  return { rows: list.rows.filter(({ id }) => !ids.has(id)), waiting }
}

/** Returns the rows with more of them at their places; a lead that waited no longer waits. */
export function withRows(list: LeadRows, leads: readonly LeadFragment[]): LeadRows {
  const given = new Map(leads.map((lead) => [lead.id, lead]))
  const known = new Set(list.rows.map(({ id }) => id))
  const added = [...given.values()].filter(({ id }) => !known.has(id)).toSorted(newestFirst)
  const waiting = new Map([...list.waiting].filter(([id]) => !given.has(id)))
  return { rows: merged(list.rows, added), waiting }
}

export function withWaiting(list: LeadRows, leads: readonly LeadFragment[]): LeadRows {
  if (leads.length === 0) return list
  return { rows: list.rows, waiting: new Map([...list.waiting, ...leads.map((lead) => [lead.id, lead] as const)]) }
}

/** Joins two lists in order; mostly one is wholly above the other. */
function merged(rows: readonly LeadFragment[], added: readonly LeadFragment[]): readonly LeadFragment[] {
  const [first, last] = [added[0], added.at(-1)]
  const [top, bottom] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return rows
  if (top === undefined || bottom === undefined) return added
  if (isAbove(last, top)) return [...added, ...rows]
  if (isAbove(bottom, first)) return [...rows, ...added]
  return [...rows, ...added].toSorted(newestFirst)
}

function newestFirst(one: LeadFragment, other: LeadFragment): number {
  return isAbove(one, other) ? -1 : 1
}
