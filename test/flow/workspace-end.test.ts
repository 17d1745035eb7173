import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimDeliveries } from '../../src/delivery/queue/queue.ts'
import { newId } from '../../src/platform/ids.ts'
import { createWorkspace } from '../../src/workspaces/workspace.ts'
import { deleteWorkspace, disableWorkspace, enableWorkspace } from '../../src/workspaces/workspace-end.ts'
import { createWorkspaceRemoval } from '../../src/workspaces/workspace-removal.ts'
import { openParts, silentLog, type TestParts } from '../support/test-parts.ts'

const operator = { workspaceId: 'ws_operator', apiKeyId: 'key_operator' }

describe('11.10: the end of a workspace', () => {
  let parts: TestParts
  let count = 0
  let slug: string
  let id: string

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())
  beforeEach(async () => {
    slug = `space-${++count}`
    id = await make(slug)
  })

  const make = async (of: string) => {
    const made = await createWorkspace(parts.database, { slug: of, name: of, operator })
    if (made.kind !== 'created') throw new Error('The slug is taken.')
    return made.workspaceId
  }
  const tables = () =>
    parts.sql<{ name: string }>(
      `select table_name as name from information_schema.columns
       where column_name = 'workspace_id' and table_schema = 'public' order by 1`,
    )
  /** A row in every table that there is, made of its columns: so a table that is added later is looked at, too. */
  const fillTables = async (workspaceId: string, rows: number) => {
    for (const { name } of await tables()) {
      const columns = await parts.sql<Column>(selectColumns, [name])
      const values = columns.map((column) => literalOf(column))
      await parts.sql(
        `insert into ${name} (${columns.map((column) => `"${column.name}"`).join(', ')})
         select ${values.join(', ')} from generate_series(1, $2::int) nth on conflict do nothing`,
        [workspaceId, rows],
      )
    }
  }
  const countAll = async (workspaceId: string) => {
    const counts: Record<string, number> = {}
    for (const { name } of await tables())
      counts[name] = (await parts.sql(`select 1 from ${name} where workspace_id = $1`, [workspaceId])).length
    return counts
  }
  const runRemoval = async () => {
    let steps = 0
    for (const remove = createWorkspaceRemoval(parts.database, silentLog); await remove(); ) steps += 1
    return steps
  }
  const isThere = async () => (await parts.sql('select 1 from workspace where id = $1', [id])).length === 1
  const grow = () => parts.sql(`update workspace set deleted_at = now() - interval '1 minute' where id = $1`, [id])

  it('leaves nothing in any table, and touches no other workspace', async () => {
    const other = await make(`${slug}-other`)
    await fillTables(id, 3)
    await fillTables(other, 3)
    const before = await countAll(other)
    expect(Object.values(before).every((rows) => rows > 0)).toBe(true)
    expect(Object.keys(before).length).toBeGreaterThan(10)
    await deleteWorkspace(parts.database, { id, confirmSlug: slug, operator })
    await runRemoval()
    expect(Object.values(await countAll(id)).every((rows) => rows === 0)).toBe(true)
    expect(await countAll(other)).toEqual(before)
    // What had begun before may still write: it goes as well.
    expect(await isThere()).toBe(true)
    await fillTables(id, 1)
    await grow()
    await runRemoval()
    expect(await isThere()).toBe(false)
    expect(Object.values(await countAll(id)).every((rows) => rows === 0)).toBe(true)
  })

  it('goes in steps of a bounded size, and goes on where it was after a crash', async () => {
    await fillTables(id, 1201)
    await deleteWorkspace(parts.database, { id, confirmSlug: slug, operator })
    const contacts = async () => (await countAll(id))['contact'] ?? 0
    const step = createWorkspaceRemoval(parts.database, silentLog)
    let before = await contacts()
    expect(before).toBe(1201)
    while (before === 1201) {
      expect(await step()).toBe(true)
      before = await contacts()
    }
    expect(before).toBe(701)
    expect(await runRemoval()).toBeGreaterThan(2)
    expect(await contacts()).toBe(0)
    await grow()
    await runRemoval()
  })

  it('takes its slug until it has gone', async () => {
    await deleteWorkspace(parts.database, { id, confirmSlug: slug, operator })
    const again = () => createWorkspace(parts.database, { slug, name: slug, operator })
    expect(await again()).toEqual({ kind: 'taken' })
    await grow()
    await runRemoval()
    expect(await again()).toMatchObject({ kind: 'created' })
  })

  it('that is disabled owes what it owed, and nothing of that is claimed until it is enabled', async () => {
    const endpointId = newId('endpoint')
    await parts.sql(
      `insert into webhook_endpoint (workspace_id, id, url, events, secret, secret_hint)
       values ($1, $2, 'http://127.0.0.1/', '{*}', '', '')`,
      [id, endpointId],
    )
    const [event] = [newId('event')]
    await parts.sql(
      `insert into event (workspace_id, id, type, body, created_at) values ($1, $2, 'contact.created', '{}', now())`,
      [id, event],
    )
    await parts.sql(
      `insert into delivery (workspace_id, id, endpoint_id, event_id, event_position, next_attempt_at)
       select workspace_id, $3, $2, id, position, now() from event where workspace_id = $1`,
      [id, endpointId, newId('delivery')],
    )
    const claim = async () => {
      const { deliveries } = await parts.database.inTransaction((tx) =>
        claimDeliveries(tx, { limit: 50, leaseMs: 60_000, owner: 'test' }),
      )
      return deliveries.filter(({ workspaceId }) => workspaceId === id).length
    }
    await disableWorkspace(parts.database, { id, operator })
    expect(await claim()).toBe(0)
    await enableWorkspace(parts.database, { id, operator })
    expect(await claim()).toBe(1)
    await parts.sql('update delivery set lease_until = null where workspace_id = $1', [id])
    await deleteWorkspace(parts.database, { id, confirmSlug: slug, operator })
    expect(await claim()).toBe(0)
    await grow()
    await runRemoval()
  })
})

interface Column {
  readonly name: string
  readonly type: string
  readonly udt: string
  readonly first: string | null
}

const selectColumns = `
  select c.column_name as name, c.data_type as type, c.udt_name as udt,
         (select quote_literal(e.enumlabel) from pg_enum e join pg_type t on t.oid = e.enumtypid
          where t.typname = c.udt_name order by e.enumsortorder limit 1) as first
  from information_schema.columns c
  where c.table_schema = 'public' and c.table_name = $1
    and c.is_nullable = 'NO' and (c.column_default is null or c.column_name = 'position')
    and not (c.table_name = 'event' and c.column_name = 'position')
  order by c.ordinal_position`

/** SQL for a value of a column; `nth` is the number of the row. */
function literalOf({ name, type, udt, first }: Column): string {
  if (name === 'workspace_id') return '$1'
  if (first !== null) return `${first}::${udt}`
  if (type === 'ARRAY') return `'{}'`
  if (type === 'jsonb') return `'{}'`
  if (type.startsWith('timestamp')) return 'now()'
  if (type === 'boolean') return 'false'
  if (type === 'integer' || type === 'bigint') return 'nth'
  return `$1 || '_' || nth`
}
