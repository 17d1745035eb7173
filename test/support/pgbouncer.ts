import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { markPooled } from '../../src/database/connection/server-address.ts'
import { chooseRunAs } from '../../src/database/embedded/run-as.ts'
import { eventually } from './eventually.ts'
import { unusedPort } from './misbehaving-receivers.ts'
import { onServer } from './on-server.ts'
import type { createTestDatabase } from './test-database.ts'

/** A PgBouncer of one test's own, with its default settings, that pools transactions. */
interface Pgbouncer {
  /** Address of the given database, through it. */
  readonly url: string
  kill(): Promise<void>
  start(): Promise<void>
}

const debianPath = '/usr/sbin'
const environment = { PATH: `${process.env['PATH']}:${debianPath}` }

export const hasPgbouncer = spawnSync('pgbouncer', ['--version'], { env: environment }).status === 0

/** Fewer connections than Rex has, so that its transactions share them. */
const poolSize = 3

export async function startPgbouncer(databaseUrl: string): Promise<Pgbouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'rex-pgbouncer-'))
  const port = await unusedPort()
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(file, settingsOf(new URL(databaseUrl), port))
  const url = new URL(databaseUrl)
  url.port = String(port)
  let child: ChildProcess | undefined
  const kill = async () => {
    if (child === undefined) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    child = undefined
    await exited
  }
  const start = async () => {
    // It refuses to run as root, as PostgreSQL does.
    const { prefix, owner } = chooseRunAs()
    const [command = '', ...parameters] = [...prefix, 'pgbouncer', '--quiet', file]
    child = spawn(command, parameters, { ...owner, env: environment, stdio: 'ignore' })
    await eventually(
      () =>
        onServer(url.href, 'select 1').then(
          () => true,
          () => false,
        ),
      () => `no PgBouncer on port ${port}`,
    )
  }
  onTestFinished(async () => {
    await kill()
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return { url: url.href, kill, start }
}

/** A database of one test's own behind a PgBouncer, as the environment of a Rex. */
export async function pooledDatabase(create: typeof createTestDatabase, hasDirectUrl: boolean) {
  const own = await create()
  onTestFinished(() => own.drop())
  const direct = own.environment.DATABASE_URL
  const pgbouncer = await startPgbouncer(direct)
  const { REX_DATA_DIR } = own.environment
  const environment = hasDirectUrl
    ? { REX_DATA_DIR, DATABASE_URL: pgbouncer.url, DATABASE_DIRECT_URL: direct }
    : { REX_DATA_DIR, DATABASE_URL: markPooled(pgbouncer.url) }
  return { own, environment, pgbouncer }
}

function settingsOf(server: URL, port: number): string {
  const { hostname, port: serverPort, username, password } = server
  const login = password === '' ? `user=${username}` : `user=${username} password=${password}`
  return [
    '[databases]',
    `* = host=${hostname} port=${serverPort || 5432} ${login}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    `default_pool_size = ${poolSize}`,
    '',
  ].join('\n')
}
