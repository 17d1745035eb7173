import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { reachOf } from '../support/shards/reach.ts'
import { prismaCallsWithoutWorkspace, readSources, readStatements } from '../support/shards/statement-sources.ts'

const page = readFileSync(new URL('../../docs/scaling.md', import.meta.url), 'utf8')

/** The names in the tables below a heading of docs/scaling.md, which says why each of them is there. */
function namesBelow(heading: string): string[] {
  const section = page.split(`\n### ${heading}\n`)[1]?.split(/\n##/)[0] ?? ''
  return [...section.matchAll(/`([a-z_]+)`/g)].flatMap(([, name]) => (name?.includes('_') ? [name] : [])).sort()
}

/** They have no fixed text; list-plans.test.ts reads what they send. */
const composing = {
  'src/capture/submission-erasure.ts': 2,
  'src/database/advisory-locks.ts': 3,
  'src/database/reencryption.ts': 2,
  'src/events/redaction.ts': 1,
  'src/graphql/schema/relay/nested-statements.ts': 3,
  'src/graphql/schema/relay/sql-statement.ts': 1,
  'src/workspaces/workspace-removal.ts': 1,
}

describe('16.7: every statement of the service', () => {
  let statements: Map<string, string>
  beforeAll(async () => {
    statements = await readStatements()
  })

  const withReach = (reach: string) =>
    [...statements].flatMap(([name, text]) => (reachOf(text) === reach ? [name] : [])).sort()

  it('is looked at', () => {
    const sources = readSources()
    expect([...sources.named].filter((name) => name !== '' && name !== 'select_one' && !statements.has(name))).toEqual(
      [],
    )
    expect(sources.composing).toEqual(composing)
    expect(withReach('one').length).toBeGreaterThan(90)
  })

  it('has a condition on workspace_id for each table, unless docs/scaling.md says why not', () => {
    expect(withReach('every')).toEqual(namesBelow('Statements that read all workspaces'))
  })

  it('that Prisma builds names the workspace, unless it reads the row of one, or the list for the operator', () => {
    expect(prismaCallsWithoutWorkspace()).toEqual([
      'src/graphql/types/workspace/workspace-end.ts: workspace.findMany',
      'src/graphql/types/workspace/workspace.ts: workspace.findUniqueOrThrow',
      'src/graphql/types/workspace/workspace.ts: workspace.findUniqueOrThrow',
    ])
  })

  it('takes one workspace, unless docs/scaling.md names it among those of several', () => {
    expect(withReach('given')).toEqual(namesBelow('Statements of several workspaces at once'))
  })
})

describe('16.7: the reach of a statement', () => {
  it.each([
    ['one', 'select from event where workspace_id = $1'],
    ['one', 'select from delivery d join event e on e.workspace_id = d.workspace_id where d.workspace_id = $1'],
    ['one', 'select from contact where (workspace_id, id) = ($1, $2)'],
    [
      'one',
      'with own as (select * from event where workspace_id = $1) delete from event e using own where e.workspace_id = own.workspace_id',
    ],
    ['one', 'insert into contact (id, workspace_id) values ($2, $1)'],
    ['one', 'select from workspace where id = $1'],
    ['one', 'select from "public"."contact" where ("public"."contact"."workspace_id" = $1 and id = $2)'],
    ['given', 'select from event where workspace_id = any ($1)'],
    ['given', 'insert into contact (workspace_id) select workspace_id from unnest($1::text[]) as given (workspace_id)'],
    [
      'given',
      'update contact c set id = id from unnest($1::text[]) as given (workspace_id) where c.workspace_id = given.workspace_id',
    ],
    ['every', 'select from event where position > $1'],
    ['every', 'select from event where workspace_id > $1'],
    ['every', 'select from event where workspace_id = $1 or id = $2'],
    ['every', 'select from event where workspace_id <> $1'],
    ['every', 'select from delivery d join event e on e.workspace_id = d.workspace_id'],
    ['every', 'select from delivery d join event e on e.id = d.event_id where d.workspace_id = $1'],
    ['every', 'select (select max(position) from event) from contact where workspace_id = $1'],
    ['every', 'delete from event where exists (select from contact where workspace_id = $1)'],
    ['every', 'select from contact where workspace_id = $1 union all select from contact where id = $2'],
    ['every', 'insert into contact (workspace_id) select id from workspace'],
    ['none', 'select from pg_catalog.pg_class'],
  ])('is %s: %s', (reach, sql) => {
    expect(reachOf(sql)).toBe(reach)
  })
})
