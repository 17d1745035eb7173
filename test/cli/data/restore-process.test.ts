import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makeDataFolder } from '../../support/data-folder.ts'
import { eventually } from '../../support/eventually.ts'
import { fillTables } from '../../support/many-rows.ts'
import { launchRexCommand, runRexCommand } from '../../support/rex-process.ts'
import { createEmptyDatabase, createTestDatabase } from '../../support/test-database.ts'
import { wholeData, withPlainClient } from '../../support/whole-data.ts'

const rows = 20_000

it('restores after a restore and a backup were killed, with exactly the rows of the backup', async () => {
  const source = await filledDatabase()
  const target = await createEmptyDatabase()
  onTestFinished(target.drop)
  const folder = makeDataFolder()
  const file = join(folder, 'rex.backup')

  const killedBackup = launchRexCommand(source, 'backup', file)
  await copying(source.DATABASE_URL, 'copy%')
  await killedBackup.signal('SIGKILL')
  expect(readdirSync(folder).filter((name) => !name.endsWith('.partial'))).toEqual([])

  const stoppedBackup = launchRexCommand(source, 'backup', file)
  await copying(source.DATABASE_URL, 'copy%')
  expect(await stoppedBackup.signal('SIGTERM')).toBe(1)
  expect(stoppedBackup.output()).toContain('Stopped. No file was written.')

  const backup = await runRexCommand(source, 'backup', file)
  expect(backup).toMatchObject({ code: 0, output: expect.stringMatching(/^Wrote .+: 20,000 contacts/m) })

  const killed = launchRexCommand(target.environment, 'restore', file)
  await copying(target.environment.DATABASE_URL, 'copy%submission%')
  await killed.signal('SIGKILL')
  await eventually(
    async () => (await countContacts(target.environment.DATABASE_URL)) === 0,
    () => 'the killed restore has left contacts',
  )

  const again = await runRexCommand(target.environment, 'restore', file, '--json')
  expect({ code: again.code, output: JSON.parse(again.output) }).toMatchObject({
    code: 0,
    output: { tables: { contact: { rows }, submission: { rows }, event: { rows }, attempt: { rows } } },
  })
  expect(await wholeData(target.environment.DATABASE_URL)).toEqual(await wholeData(source.DATABASE_URL))

  const refused = await runRexCommand(target.environment, 'restore', file)
  expect(refused).toEqual({
    code: 1,
    output: expect.stringMatching(/^The database of the settings is not empty \(table \w+\)\. Give .+\n$/),
  })
})

async function filledDatabase() {
  const own = await createTestDatabase()
  onTestFinished(own.drop)
  await fillTables({ url: own.environment.DATABASE_URL, workspaceId: 'ws_1', rows })
  return own.environment
}

async function countContacts(url: string): Promise<number> {
  return withPlainClient(url, async (client) => {
    const { rows: found } = await client.query<{ count: number }>('select count(*)::int as count from contact')
    return found[0]!.count
  })
}

/** Waits until a session runs a statement like this. */
async function copying(url: string, pattern: string): Promise<void> {
  await withPlainClient(url, (client) =>
    eventually(
      async () => {
        const { rowCount } = await client.query(
          `select from pg_stat_activity
           where application_name = 'rex-data' and datname = current_database() and query like $1`,
          [pattern],
        )
        return rowCount === 1
      },
      () => `no session runs ${pattern}`,
    ),
  )
}
