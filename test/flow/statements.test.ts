import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onServer } from '../support/on-server.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'

/** As 0.2 sends them for captures, fan-out, claims, attempts and lists; a later version adds a file of its own. */
const text = readFileSync(new URL('../fixtures/statements-0.2.sql', import.meta.url), 'utf8')

const statements = text
  .split(/^-- /m)
  .slice(1)
  .map((part) => {
    const [name = '', ...lines] = part.split('\n')
    return { name, sql: lines.join('\n').trim() }
  })

describe('36: the schema of this version', () => {
  let database: OwnDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  it('has more than a handful of statements of 0.2 to keep', () => {
    expect(statements.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['upsert_contacts', 'insert_events', 'claim_idempotency_keys', 'insert_deliveries']),
    )
  })

  it.each(statements)('still takes the statement $name of 0.2', async ({ name, sql }) => {
    await onServer(database.environment.DATABASE_URL, `prepare ${name} as ${sql}`)
  })
})
