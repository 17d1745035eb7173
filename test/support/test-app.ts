import { Writable } from 'node:stream'
import { createApp } from '../../src/app/app.ts'
import { readConfig } from '../../src/config/config.ts'
import { createLog } from '../../src/platform/log.ts'
import { createTestDatabase, type OwnDatabase } from './test-database.ts'

/** A Rex in this process, on a free port, with a database of its own. */
export interface TestApp {
  readonly url: string
  /** The ADMIN key of the default workspace. */
  readonly key: string
  readonly database: OwnDatabase
  /** The log's lines so far. */
  readonly logLines: string[]
  /** The token of a new sign-in link. */
  createLinkToken(): Promise<string>
  /** Ends it and leaves its database to whoever opens it next. */
  halt(): Promise<void>
  stop(): Promise<void>
}

const adminKey = 'test-admin-key-0123456789-0123456789'

export async function startTestApp(environment: Readonly<Record<string, string>> = {}): Promise<TestApp> {
  const database = await createTestDatabase()
  const settings = { PORT: '0', REX_API_KEY: adminKey, REX_CAPTURE_RATE: '0', ...database.environment, ...environment }
  const logLines: string[] = []
  const config = readConfig(settings)
  const log = createLog(config.logLevel, collectLines(logLines))
  const app = createApp(config, log)
  const { url, createSignInUrl } = await app.start()
  return {
    url,
    key: settings.REX_API_KEY,
    database,
    logLines,
    createLinkToken: async () =>
      String(await createSignInUrl())
        .split('/')
        .at(-1)!,
    halt: () => app.stop(),
    stop: async () => {
      await app.stop()
      await database.drop()
    },
  }
}

function collectLines(lines: string[]): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString())
      done()
    },
  })
}
