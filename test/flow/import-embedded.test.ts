import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { expect, it, onTestFinished } from 'vitest'
import { startEmbeddedServer } from '../../src/database/embedded/embedded-server.ts'
import { connectPostgresql } from '../../src/database/postgresql.ts'
import { makeDataFolder } from '../support/data-folder.ts'
import { runRexCommand, startRexProcess } from '../support/rex-process.ts'
import { runSql, silentLog } from '../support/test-parts.ts'

const dump = readFileSync(new URL('fixtures/rex-0.1.sql', import.meta.url), 'utf8')

it('takes over the embedded database of 0.1 with every row, and keeps its files', async () => {
  const folder = makeDataFolder()
  const pglite = await PGlite.create(join(folder, 'database'), { extensions: { btree_gin, pg_trgm } })
  await pglite.exec(dump)
  const tables = await pglite.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )
  const before: Record<string, unknown> = {}
  for (const { name } of tables.rows)
    if (name !== '_prisma_migrations')
      before[name] = (await pglite.query(`select count(*)::int as rows from public."${name}"`)).rows[0]
  await pglite.close()

  const { code, output } = await runRexCommand({ REX_DATA_DIR: folder }, 'import-embedded')
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^Imported \d+ rows of \d+ tables\./m) })
  expect(existsSync(join(folder, 'database.imported', 'PG_VERSION'))).toBe(true)

  const server = await startEmbeddedServer({ dataFolder: folder, log: silentLog })
  const database = connectPostgresql(server.url, silentLog)
  const after: Record<string, unknown> = {}
  for (const name of Object.keys(before))
    after[name] = (await runSql(database, `select count(*)::int as rows from "${name}"`))[0]
  await database.close()
  await server.stop()
  expect(after).toEqual(before)

  const again = await runRexCommand({ REX_DATA_DIR: folder }, 'import-embedded')
  expect(again).toEqual({ code: 0, output: `There is no database of Rex 0.1 in ${folder}.\n` })
  const rex = await startRexProcess({ REX_DATA_DIR: folder })
  onTestFinished(async () => void (await rex.signal('SIGTERM')))
  expect(rex.output()).not.toContain('API key')
})
