import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openParts, type TestParts } from '../support/test-parts.ts'

/** Tables with a row or more for each capture or delivery. */
const growing = ['attempt', 'contact', 'delivery', 'event', 'idempotency_key', 'submission']

describe('13.8: the tables that grow', () => {
  let parts: TestParts
  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts.close())

  it('are vacuumed and analyzed after a twentieth of their rows has changed, or less', async () => {
    const rows = await parts.sql<{ name: string; vacuum: number; analyze: number }>(
      `select relname as name,
              max(option_value::float8) filter (where option_name = 'autovacuum_vacuum_scale_factor') as vacuum,
              max(option_value::float8) filter (where option_name = 'autovacuum_analyze_scale_factor') as analyze
       from pg_class
       cross join lateral pg_options_to_table(reloptions)
       where relname = any ($1::text[]) and relkind = 'r'
       group by relname
       order by relname`,
      [growing],
    )
    expect(rows.map(({ name }) => name)).toEqual(growing)
    expect(Math.max(...rows.flatMap(({ vacuum, analyze }) => [vacuum, analyze]))).toBeLessThanOrEqual(0.05)
  })
})
