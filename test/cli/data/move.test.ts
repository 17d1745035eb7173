import { expect, it, onTestFinished } from 'vitest'
import { move } from '../../../src/cli/data/move/move.ts'
import { readConfig } from '../../../src/config/config.ts'
import { createApiClient } from '../../support/api-client.ts'
import { startTestApp } from '../../support/test-app.ts'
import { createEmptyDatabase, createTestDatabase } from '../../support/test-database.ts'
import { wholeData } from '../../support/whole-data.ts'

const onBytes = () => {}

it('refuses to move beside a running service, and moves every row when it is stopped', async () => {
  const app = await startTestApp()
  onTestFinished(() => app.database.drop())
  const target = await createEmptyDatabase()
  onTestFinished(target.drop)
  const api = createApiClient(app)
  for (let nth = 0; nth < 5; nth++) await api.capture({ email: `p${nth}@example.com`, first_name: 'Jane' })
  const config = readConfig(app.database.environment)
  const to = target.environment.DATABASE_URL

  await expect(move(config, { to, onBytes })).rejects.toThrow('A Rex uses the database of the settings. Stop all')
  expect(await wholeData(to)).toEqual({})

  await app.halt()
  const tables = await move(config, { to, onBytes })
  expect(tables.get('contact')?.rows).toBe(5)
  expect(await wholeData(to)).toEqual(await wholeData(app.database.environment.DATABASE_URL))

  await expect(move(config, { to, onBytes })).rejects.toThrow('The database of --to is not empty')
})

it('refuses to move beside a service that only listens', async () => {
  const app = await startTestApp({ REX_ROLE: 'api' })
  onTestFinished(() => app.stop())
  const target = await createEmptyDatabase()
  onTestFinished(target.drop)
  const config = readConfig(app.database.environment)
  await expect(move(config, { to: target.environment.DATABASE_URL, onBytes })).rejects.toThrow('Stop all its processes')
})

it('names the setting of a database that it cannot reach', async () => {
  const own = await createTestDatabase()
  onTestFinished(own.drop)
  const to = 'postgresql://nobody@127.0.0.1:9/none'
  await expect(move(readConfig(own.environment), { to, onBytes })).rejects.toThrow('--to: the server cannot be reached')
})
