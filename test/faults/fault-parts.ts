import { onTestFinished } from 'vitest'
import { createApiClient } from '../support/api-client.ts'
import { type RexProcess, startRexProcess } from '../support/rex-process.ts'
import { createTestDatabase, type OwnDatabase } from '../support/test-database.ts'
import { openOwn, runSql } from '../support/test-parts.ts'
import { sized } from './fault-report.ts'
import { adminKey } from './ledger.ts'

export const leaseMs = 6000
/** The contract of the suite: delivery goes on within the lease and this. In the short form, other tests take their share. */
export const graceMs = sized({ short: 15_000, whole: 5000 })

type Environment = Readonly<Record<string, string>>

const settings: Environment = {
  REX_API_KEY: adminKey,
  REX_LEASE_MS: String(leaseMs),
  REX_ATTEMPT_TIMEOUT_MS: '5000',
  REX_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  LOG_LEVEL: 'warn',
}

export async function ownDatabase(): Promise<OwnDatabase> {
  const own = await createTestDatabase()
  onTestFinished(() => own.drop())
  return own
}

/** A process that ends with the test, if nobody has killed it before. */
export async function startRex(
  own: { readonly environment: Environment },
  environment: Environment = {},
): Promise<RexProcess> {
  const rex = await startRexProcess({ ...own.environment, ...settings, ...environment })
  onTestFinished(async () => {
    void rex.signal('SIGCONT')
    await rex.signal('SIGTERM')
  })
  return rex
}

export async function createEndpoint(rex: { readonly url: string }, url: string, maxInFlight = 50): Promise<string> {
  const api = createApiClient({ url: rex.url, key: adminKey })
  const { id } = await api.createEndpoint({ url, events: ['contact.created'], max_in_flight: maxInFlight })
  return id
}

export type Look = <Row>(text: string) => Promise<Row[]>

/** What an operator does on the server meanwhile. */
export async function openLook(own: OwnDatabase): Promise<Look> {
  const database = await openOwn(own)
  onTestFinished(() => database.close())
  return (text) => runSql(database, text)
}

/** One statement while nobody has the database: the embedded one takes one process. */
export async function lookOnce<Row>(own: OwnDatabase, text: string): Promise<Row[]> {
  const database = await openOwn(own)
  try {
    return await runSql<Row>(database, text)
  } finally {
    await database.close()
  }
}

/** How many attempts were in flight when everybody was killed. */
export async function countLeased(own: OwnDatabase): Promise<number> {
  const leased = await lookOnce(own, 'select from delivery where lease_until is not null')
  return leased.length
}

/** The same numbers at every run. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    // Park and Miller: enough to pick moments.
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
