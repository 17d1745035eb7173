import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { unusedPort } from './misbehaving-receivers.ts'

const run = promisify(execFile)
const debianVersions = '/usr/lib/postgresql'
const binaries = findBinaries()

/** Whether this machine can run a PostgreSQL of a test's own. */
export const hasClusters = binaries !== undefined

/** A PostgreSQL server of one test's own, which may be stopped and started as no shared one may. */
export interface PostgresqlCluster {
  readonly url: string
  /** `fast` ends every session and shuts down in order; `immediate` is a crash, after which it recovers from its log. */
  restart(how: 'fast' | 'immediate'): Promise<void>
  /** Makes a streaming replica with pg_basebackup, and starts it. */
  addReplica(): Promise<PostgresqlReplica>
}

/** Replica of a cluster. It cancels a statement at once that is in the way of the replay. */
export interface PostgresqlReplica {
  readonly url: string
  /** Ends it as a crash does. */
  kill(): Promise<void>
  start(): Promise<void>
}

export async function startCluster(): Promise<PostgresqlCluster> {
  const { port, data, folder, options, control } = await openFolder()
  await runBinary('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale', 'C')
  await control('start', '-o', options)
  onTestFinished(async () => {
    await control('stop', '-m', 'immediate')
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    restart: (how) => control('restart', '-m', how, '-o', options),
    addReplica: () => startReplicaOf(port),
  }
}

async function startReplicaOf(primaryPort: number): Promise<PostgresqlReplica> {
  const { port, data, folder, options, control } = await openFolder()
  const primary = ['-h', '127.0.0.1', '-p', String(primaryPort), '-U', 'postgres']
  await runBinary('pg_basebackup', ...primary, '-D', data, '-R', '-X', 'stream', '-c', 'fast')
  const start = () => control('start', '-o', `${options} -c max_standby_streaming_delay=0`)
  await start()
  let isRunning = true
  const kill = async () => {
    isRunning = false
    await control('stop', '-m', 'immediate')
  }
  onTestFinished(async () => {
    if (isRunning) await kill()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    kill,
    start: async () => {
      await start()
      isRunning = true
    },
  }
}

/** Makes the folder of a server, and returns how it is started there. */
async function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'rex-cluster-'))
  if (isRoot) execFileSync('chown', ['postgres', folder])
  const data = join(folder, 'data')
  const port = await unusedPort()
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`
  const control = (...parameters: string[]) =>
    runBinary('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), ...parameters)
  return { folder, data, port, options, control }
}

const isRoot = userInfo().uid === 0

/** PostgreSQL refuses to run as root. */
export async function runBinary(name: string, ...parameters: string[]): Promise<void> {
  const path = join(binaries ?? '', name)
  const [file, ...rest] = isRoot ? ['runuser', '-u', 'postgres', '--', path, ...parameters] : [path, ...parameters]
  await run(file ?? path, rest, { cwd: tmpdir() })
}

function findBinaries(): string | undefined {
  const ofDebian = existsSync(debianVersions)
    ? readdirSync(debianVersions).map((each) => join(debianVersions, each, 'bin'))
    : []
  const onPath = (process.env['PATH'] ?? '').split(':')
  return [...ofDebian, ...onPath].find((folder) => existsSync(join(folder, 'initdb')))
}
