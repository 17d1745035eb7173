import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createApp } from '../../../src/app/app.ts'
import { backup } from '../../../src/cli/data/backup/backup.ts'
import { checkDatabase } from '../../../src/cli/data/doctor/database-checks.ts'
import { move } from '../../../src/cli/data/move/move.ts'
import { readConfig } from '../../../src/config/config.ts'
import { markPooled } from '../../../src/database/connection/server-address.ts'
import { createApiClient } from '../../support/api-client.ts'
import { hasPgbouncer, pooledDatabase } from '../../support/pgbouncer.ts'
import { createEmptyDatabase, createTestDatabase } from '../../support/test-database.ts'
import { silentLog } from '../../support/test-parts.ts'
import { wholeData } from '../../support/whole-data.ts'

const key = 'pooled-admin-key-0123456789abcdef'

it.runIf(hasPgbouncer)('check, back up and move a database behind a PgBouncer', async () => {
  const { own, environment } = await pooledDatabase(createTestDatabase, true)
  const app = createApp(readConfig({ ...environment, PORT: '0', REX_API_KEY: key, REX_DRAIN_MS: '0' }), silentLog)
  const { url } = await app.start()
  await createApiClient({ url, key }).capture({ email: 'jane@example.com' })
  const { DATABASE_DIRECT_URL: _, ...pooled } = { ...environment, DATABASE_URL: markPooled(environment.DATABASE_URL) }
  for (const given of [environment, pooled]) {
    const checks = await checkDatabase(readConfig(given))
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([])
    expect(checks.length).toBeGreaterThan(5)
    const file = join(own.environment.REX_DATA_DIR, `${crypto.randomUUID()}.backup`)
    const signal = new AbortController().signal
    const { tables } = await backup(readConfig(given), { file, includesKeys: false, signal, onBytes: () => {} })
    expect(tables.get('contact')?.rows).toBe(1)
  }

  const target = await createEmptyDatabase()
  onTestFinished(() => target.drop())
  const to = target.environment.DATABASE_URL
  const moving = (given: Readonly<Record<string, string>>) => move(readConfig(given), { to, onBytes: () => {} })
  await expect(moving(pooled)).rejects.toThrow('Set DATABASE_DIRECT_URL')
  await expect(moving(environment)).rejects.toThrow('A Rex uses the database of the settings')
  await app.stop()
  await moving(environment)
  expect(await wholeData(to)).toEqual(await wholeData(own.environment.DATABASE_URL))
})
