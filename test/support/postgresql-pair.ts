import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { unusedPort } from './misbehaving-receivers.ts'
import { onServer } from './on-server.ts'
import { runBinary } from './postgresql-cluster.ts'

/** A primary server and its replica, of one test's own. */
export interface PostgresqlPair {
  readonly primaryUrl: string
  readonly replicaUrl: string
  /** Ends the primary as a crash does. */
  stopPrimary(): Promise<void>
  promoteReplica(): Promise<void>
}

/** Starts both; the primary acknowledges a commit when the replica has it, too. */
export async function startPostgresqlPair(): Promise<PostgresqlPair> {
  const folder = mkdtempSync(join(tmpdir(), 'rex-pair-'))
  if (userInfo().uid === 0) execFileSync('chown', ['postgres', folder])
  const primary = await serverIn(folder, 'primary')
  const replica = await serverIn(folder, 'replica')
  const login = ['-U', 'postgres']
  await runBinary('initdb', '--no-sync', '-D', primary.data, ...login, '-A', 'trust', '-E', 'UTF8', '--locale', 'C')
  await primary.start()
  onTestFinished(async () => {
    await Promise.all([primary.stop(), replica.stop()])
    rmSync(folder, { recursive: true, force: true })
  })
  const source = ['-h', '127.0.0.1', '-p', String(primary.port), ...login]
  await runBinary('pg_basebackup', '--no-sync', '-D', replica.data, '-R', '-c', 'fast', ...source)
  await replica.start()
  await onServer(primary.url, `alter system set synchronous_standby_names = '*'`)
  await onServer(primary.url, 'select pg_reload_conf()')
  return {
    primaryUrl: primary.url,
    replicaUrl: replica.url,
    stopPrimary: primary.stop,
    promoteReplica: () => runBinary('pg_ctl', '-D', replica.data, '-w', 'promote'),
  }
}

async function serverIn(folder: string, name: string) {
  const data = join(folder, name)
  const port = await unusedPort()
  // The files live as long as the test: nothing has to survive a power cut.
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off`
  const control = (...parameters: string[]) =>
    runBinary('pg_ctl', '-D', data, '-w', '-l', join(folder, `${name}.log`), ...parameters)
  let isRunning = false
  return {
    data,
    port,
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    start: async () => {
      await control('start', '-o', options)
      isRunning = true
    },
    stop: async () => {
      if (!isRunning) return
      isRunning = false
      await control('stop', '-m', 'immediate')
    },
  }
}
