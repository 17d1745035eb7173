import type { Database } from '../../../../database/database.ts'
import { type Contact, Prisma } from '../../../../generated/prisma/client.ts'
import type { Context } from '../../../execution/context.ts'
import { sqlOf } from '../../../schema/relay/sql-statement.ts'
import { allColumns, findMatching, workspaceIs } from '../contact-list.ts'
import type { Where } from './contact-where.ts'

const { sql, raw, join } = Prisma

/** Limits of one statement: planning takes time for each condition, and PostgreSQL takes 65,535 values. */
const maxLookUps = 50
const maxValues = 2000

/** The contacts with these ids that match, asked for by one subscription. */
interface LookUp {
  readonly context: Context
  readonly ids: readonly string[]
  readonly where: Where
  resolve(contacts: readonly Contact[]): void
  reject(error: unknown): void
}

/** Look-ups that wait for the end of this turn of the event loop, by database and workspace. */
const waiting = new WeakMap<Database, Map<string, LookUp[]>>()

/**
 * Like `findMatching`, in one statement with the look-ups of other subscriptions: an event reaches all of them in the
 * same turn of the event loop, and a hundred filters were a hundred statements.
 */
export function findMatchingTogether(context: Context, ids: readonly string[], where: Where) {
  return new Promise<readonly Contact[]>((resolve, reject) => {
    const { database, viewer } = context
    const byWorkspace = waiting.get(database) ?? new Map<string, LookUp[]>()
    waiting.set(database, byWorkspace)
    const lookUps = byWorkspace.get(viewer.workspaceId) ?? []
    byWorkspace.set(viewer.workspaceId, lookUps)
    lookUps.push({ context, ids, where, resolve, reject })
    if (lookUps.length > 1) return
    setImmediate(() => {
      byWorkspace.delete(viewer.workspaceId)
      for (const part of partsOf(lookUps)) void lookUpPart(part)
    })
  })
}

function partsOf(lookUps: readonly LookUp[]): readonly (readonly LookUp[])[] {
  const parts: LookUp[][] = []
  let part: LookUp[] = []
  let values = 0
  for (const lookUp of lookUps) {
    values += lookUp.where.values.length
    if (part.length === 0 || part.length === maxLookUps || values > maxValues) {
      part = []
      parts.push(part)
      values = lookUp.where.values.length
    }
    part.push(lookUp)
  }
  return parts
}

async function lookUpPart(part: readonly LookUp[]): Promise<void> {
  const [first] = part
  if (first === undefined) return
  if (part.length === 1) return lookUpAlone(first)
  try {
    const contacts = await first.context.database.query<MatchedContact>(...sqlOf(selectMatched(first.context, part)))
    const matched = contacts.map((contact) => ({ contact, matches: new Set(contact.matches.split(',')) }))
    for (const [nth, { ids, resolve }] of part.entries()) {
      const found = matched.filter(({ contact, matches }) => matches.has(String(nth)) && ids.includes(contact.id))
      resolve(found.map(({ contact }) => contact))
    }
  } catch {
    // It may be a single filter that fails; then the others are not to fail with it.
    for (const lookUp of part) void lookUpAlone(lookUp)
  }
}

function lookUpAlone({ context, ids, where, resolve, reject }: LookUp): Promise<void> {
  return findMatching(context, ids, where).then(resolve, reject)
}

interface MatchedContact extends Contact {
  /** Numbers of the conditions that it matches, separated by commas. */
  readonly matches: string
}

// Index: contact_pkey.
function selectMatched({ viewer }: Context, part: readonly LookUp[]): Prisma.Sql {
  const ids = [...new Set(part.flatMap((lookUp) => lookUp.ids))]
  const matches = part.map(({ where }, nth) => sql`case when ${where} then ${raw(`'${nth}'`)} end`)
  return sql`
    select ${raw(allColumns)}, array_to_string(array[${join(matches)}]::text[], ',') as matches
    from contact
    where ${workspaceIs(viewer)}
      and id = any (${ids}::text[])`
}
