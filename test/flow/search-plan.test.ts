import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database, Value } from '../../src/database/database.ts'
import type { Prisma } from '../../src/generated/prisma/client.ts'
import type { Context } from '../../src/graphql/execution/context.ts'
import type { Slice } from '../../src/graphql/schema/relay/connection.ts'
import {
  type ContactSearch,
  countMatching,
  readContacts,
  searchAll,
  searchNearby,
  walk,
} from '../../src/graphql/types/contact/contact-list.ts'
import { orderingOf } from '../../src/graphql/types/contact/contact-order.ts'
import type { ContactFilterInput } from '../../src/graphql/types/contact/filter/contact-filter.ts'
import { whereOfFilter, whereOfSearch } from '../../src/graphql/types/contact/filter/contact-where.ts'
import type { Viewer } from '../../src/workspaces/viewer.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'

const contacts = 12_000
const viewer: Viewer = { workspaceId: 'ws_1', apiKeyId: 'key_1', scopes: new Set(), expiresAt: null }
const forwards: Slice = { size: 20, fromEnd: false, after: undefined, before: undefined }
const backwards: Slice = { ...forwards, fromEnd: true }
const fields = ['CREATED_AT', 'UPDATED_AT', 'LAST_SEEN_AT', 'EMAIL'] as const
const directions = ['ASC', 'DESC'] as const
const orders = fields.flatMap((field) => directions.map((direction) => ({ field, direction })))

const indexOfOrder = {
  CREATED_AT: 'contact_workspace_id_created_at_id_idx',
  UPDATED_AT: 'contact_workspace_id_updated_at_id_idx',
  LAST_SEEN_AT: 'contact_workspace_id_last_seen_at_id_idx',
  EMAIL: 'contact_workspace_id_email_key',
}

/** Each is true of a few contacts of many. */
const filters: ContactFilterInput[] = [
  { email: { contains: 'Rson77@' } },
  { email: { startsWith: 'person770' } },
  { name: { contains: 'ya7 ov' } },
  { name: { startsWith: 'Ova77' } },
  { name: { startsWith: 'Maya7 Ova7' } },
  { name: { eq: 'Maya77 Ova77' } },
  { name: { in: ['Maya77', 'Ova78'] } },
  { utmCampaign: { eq: 'campaign-77' } },
  { metadata: [{ key: 'utm_campaign', eq: 'campaign-77' }] },
]

/** Names of one contact each, and parts of them that have no trigram. */
const oddNames = [
  "O'Hara",
  'Back\\slash',
  '100%_of',
  '王小明',
  'Zoë',
  '🙂x',
  'a\u001fb',
  'İsa',
  'R&|!d',
  ":*'",
  '(!)',
  'Q',
]
const oddParts = [
  ...["o'", "'H", '\\s', 'k\\', '%_', '_o', '%_o', '王小', '小', 'oë', 'ž', 'zo', 'Zo', '🙂', '🙂x', '&|', "*'", ":*'"],
  ...['(', '!)', 'q', 'R&', '0%', '\u001f', 'a\u001f', 'İs'],
]

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly Plans?: readonly PlanNode[]
}

describe('a search of contacts, planned by the database', () => {
  let parts: TestParts

  beforeAll(async () => {
    parts = await openParts()
    await fill(parts)
  })
  afterAll(() => parts.close())

  const planOf = async ({ text, values }: Prisma.Sql): Promise<PlanNode[]> => {
    const [row] = await parts.sql<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      `explain (format json) ${text}`,
      values as Value[],
    )
    return nodesOf(row!['QUERY PLAN'][0]!.Plan)
  }
  const searchOf = (search: Partial<ContactSearch>): ContactSearch => ({
    viewer,
    filters: [],
    ordering: orderingOf(null, null),
    slice: forwards,
    ...search,
  })

  it.each([
    'person77@',
    'Maya77',
    'maya77 ova77',
    'ova77 person',
    'person77@ nobody',
    'zq',
    '%',
    '王',
    "o'",
    '\\',
    '&|!',
  ])('finds %j by its index, in every order', async (words) => {
    const where = [whereOfSearch(words, true)]
    for (const order of orders)
      expectByIndex(await planOf(searchAll(searchOf({ filters: where, ordering: orderingOf(order, null) }))))
    expectByIndex(await planOf(countMatching(viewer, where, 10_001)))
  })

  it('finds names by its index for who may not read e-mails', async () => {
    expectByIndex(await planOf(searchAll(searchOf({ filters: [whereOfSearch('maya77', false)] }))))
  })

  it.each(filters)('finds %j by its index', async (filter) => {
    expectByIndex(await planOf(searchAll(searchOf({ filters: [whereOfFilter(filter, true)] }))))
    expectByIndex(await planOf(countMatching(viewer, [whereOfFilter(filter, true)], 10_001)))
  })

  it.each(orders)('walks along the index of its order: %j', async (order) => {
    const where = [whereOfSearch('example', true)]
    const ordering = orderingOf(order, null)
    for (const slice of [forwards, backwards]) {
      const plans = [
        await planOf(walk(searchOf({ ordering, slice }))),
        await planOf(searchNearby(searchOf({ filters: where, ordering, slice }), 5000)),
      ]
      for (const plan of plans) {
        expect(indexesOf(plan)).toEqual([indexOfOrder[order.field]])
        expect(typesOf(plan)).not.toContain('Sort')
      }
    }
  })

  it.each(orders)('finds what is far down the list, in order: %j', async (order) => {
    const ordering = orderingOf(order, null)
    const context = { database: parts.database, viewer } as Context
    for (const word of ['person11', 'maya77', 'person11999@', 'example', 'a7', '7', '%'])
      for (const slice of [forwards, backwards]) {
        const found = await readContacts(context, searchOf({ filters: [whereOfSearch(word, true)], ordering, slice }))
        expect(found.map(({ id }) => id)).toEqual(
          await idsByReadingAll(parts, word, ordering.column.text, slice, order),
        )
      }
  })

  it.each(oddParts)('finds %j in names, whatever it is made of, as by reading all', async (part) => {
    const context = { database: parts.database, viewer } as Context
    const expected = await idsByReadingAll(parts, part, 'created_at', forwards, orders[1]!)
    expect(expected).not.toEqual([])
    const byName = whereOfFilter({ name: { contains: part } }, true)
    for (const where of [whereOfSearch(part, true), whereOfSearch(part, false), byName]) {
      const found = await readContacts(context, searchOf({ filters: [where] }))
      expect(found.map(({ id }) => id)).toEqual(expected)
    }
  })

  it('finds no two characters of an e-mail for who may not read e-mails', async () => {
    const context = { database: parts.database, viewer } as Context
    const found = await readContacts(context, searchOf({ filters: [whereOfSearch('n7', false)] }))
    expect(found).toEqual([])
  })

  it.each([
    ['nobody', 'nobody', [1000, 300, 'all']],
    ['what few match', 'person1000', [1000, 5000, 'all']],
    ['what many match', 'example', [1000]],
    ['what many match, and all of them farther on', 'person2', [1000, 300, 5000]],
  ])('looks for %s no farther than it must', async (_, word, expected) => {
    const asked: unknown[] = []
    const query: Database['query'] = (statement, values = []) => {
      // The rows of the found ids are read by a prepared statement.
      if (statement.isUnprepared) asked.push(values.find((value) => [300, 1000, 5000].includes(Number(value))) ?? 'all')
      return parts.database.query(statement, values)
    }
    const ordering = orderingOf({ field: 'EMAIL', direction: 'ASC' }, null)
    const context = { database: { ...parts.database, query }, viewer } as unknown as Context
    await readContacts(context, searchOf({ filters: [whereOfSearch(word, true)], ordering }))
    expect(asked).toEqual(expected)
  })

  it('begins a page at its cursor, not at the beginning of the list', async () => {
    const after = ['2026-01-01T00:00:00.000Z', 'cont_1']
    const plan = await planOf(walk(searchOf({ slice: { ...forwards, after } })))
    expect(plan.find((node) => node['Index Name'])).toMatchObject({
      'Index Cond': expect.stringContaining('ROW(created_at, id) <'),
    })
  })
})

async function idsByReadingAll(
  { sql }: TestParts,
  word: string,
  column: string,
  { fromEnd }: Slice,
  order: (typeof orders)[number],
): Promise<string[]> {
  const direction = (order.direction === 'ASC') === fromEnd ? 'desc' : 'asc'
  const rows = await sql<{ id: string }>(
    `select id from contact
     where workspace_id = $1 and strpos(contact_fold(email || ' ' || first_name || ' ' || last_name), contact_fold($2)) > 0
     order by ${column} ${direction}, id ${direction} limit 21`,
    [viewer.workspaceId, word],
  )
  return rows.map(({ id }) => id)
}

function expectByIndex(plan: readonly PlanNode[]): void {
  expect(indexesOf(plan)).toContain('contact_search_idx')
  expect(typesOf(plan)).not.toContain('Seq Scan')
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}

function typesOf(plan: readonly PlanNode[]): string[] {
  return plan.map((node) => node['Node Type'])
}

function indexesOf(plan: readonly PlanNode[]): string[] {
  return [...new Set(plan.flatMap((node) => node['Index Name'] ?? []))]
}

/** Most of one workspace, the others of another. */
async function fill({ sql }: TestParts): Promise<void> {
  await sql(
    `insert into contact (workspace_id, id, email, first_name, last_name, stage, source, metadata, created_at)
     select 'ws_' || case when nth % 6 = 0 then 2 else 1 end, 'cont_' || nth, 'person' || nth || '@example.com',
            'Maya' || nth % 200, 'Ova' || nth % 210, 'lead', 'organic',
            jsonb_build_object('utm_campaign', 'campaign-' || nth % 300), now() - nth * interval '1 minute'
     from generate_series(1, $1::int) nth`,
    [contacts],
  )
  await sql(
    `insert into contact (workspace_id, id, email, first_name, last_name, stage, created_at)
     select 'ws_1', 'cont_odd_' || nth, 'odd' || nth || '@example.com', name, '', 'lead', now() - nth * interval '1 second'
     from unnest($1::text[]) with ordinality as odd (name, nth)`,
    [oddNames],
  )
  await sql(`select gin_clean_pending_list('contact_search_idx')`) // As vacuum does by itself: what is not in yet costs.
  await sql('analyze contact')
}
