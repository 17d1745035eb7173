import { setTimeout } from 'node:timers/promises'
import type { Log } from '../../platform/log.ts'
import { waitAtMost } from '../../platform/timeout.ts'
import { embeddedName } from './cluster.ts'
import { type ServerSocket, takesConnections } from './embedded-database.ts'
import { EmbeddedServerError } from './embedded-server-error.ts'
import { type LaunchedServer, launchServer, type ServerProgram } from './launch-server.ts'
import { findPostmaster, isOrphan, isRunning, type Postmaster, removeLeftoverFile } from './postmaster-file.ts'

export interface ServerKeeper {
  /** Where the server takes connections. */
  readonly socket: ServerSocket
  stop(): Promise<void>
}

/** A server that takes connections; `launched` when this process started it. */
interface RunningServer {
  readonly pid: number
  readonly socket: ServerSocket
  readonly launched: LaunchedServer | undefined
}

/** Recovery after a crash reads the write-ahead log since the last checkpoint. */
const startTimeoutMs = 120_000
const lookEveryMs = 20
const lookForEndEveryMs = 300
const maxLaunches = 5
const restartAfterMs = 1000
const shutDownTimeoutMs = 15_000

/**
 * Returns once the server takes connections. From then on a server that ends is started again, whoever had started it:
 * where several processes share the folder, the lock file of PostgreSQL lets one of them win and the others join.
 */
export async function keepServerRunning(program: ServerProgram, log: Log): Promise<ServerKeeper> {
  const stopping = new AbortController()
  let server = await findOrLaunch(program, log)
  const keeping = keep()
  return {
    socket: server.socket,
    stop: async () => {
      stopping.abort()
      await keeping
      await shutDown(server)
    },
  }

  async function keep(): Promise<void> {
    while (await endsBeforeStop(server)) {
      log.error({ pid: server.pid }, 'embedded_database.ended')
      await restart()
    }
  }

  async function restart(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        server = await findOrLaunch(program, log)
        log.info({ pid: server.pid }, 'embedded_database.restarted')
        return
      } catch (error) {
        log.error({ err: error }, 'embedded_database.restart_failed')
        await setTimeout(restartAfterMs, undefined, { signal: stopping.signal }).catch(() => {}) // It is stopped.
      }
    }
  }

  /** Resolves with false when it is stopped meanwhile. */
  async function endsBeforeStop({ pid }: RunningServer): Promise<boolean> {
    while (isRunning(pid) && !stopping.signal.aborted)
      await setTimeout(lookForEndEveryMs, undefined, { signal: stopping.signal }).catch(() => {}) // It is stopped.
    return !stopping.signal.aborted
  }
}

/** Joins the server of the folder, or starts it where none runs. @throws EmbeddedServerError when it does not come up */
async function findOrLaunch(program: ServerProgram, log: Log): Promise<RunningServer> {
  const { clusterFolder } = program
  const deadline = Date.now() + startTimeoutMs
  let launched: LaunchedServer | undefined
  for (let launches = 0; Date.now() < deadline; await setTimeout(lookEveryMs)) {
    const postmaster = findPostmaster(clusterFolder)
    if (postmaster !== undefined) {
      if (await isUsable(postmaster))
        return { pid: postmaster.pid, socket: postmaster, launched: await stillRunning(launched) }
    } else if ((await stillRunning(launched)) === undefined) {
      if (launches === maxLaunches) throw failureOf(launched)
      if (launches > 0) await setTimeout(launches * lookForEndEveryMs)
      removeLeftoverFile(clusterFolder)
      launched = launchServer(program, log)
      launches += 1
    }
  }
  throw failureOf(launched)
}

async function isUsable(postmaster: Postmaster): Promise<boolean> {
  return postmaster.isReady && (await takesConnections(postmaster, embeddedName))
}

async function stillRunning(launched: LaunchedServer | undefined): Promise<LaunchedServer | undefined> {
  if (launched === undefined) return undefined
  const ended = await Promise.race([launched.exited.then(() => true), setTimeout(0, false)])
  return ended ? undefined : launched
}

function failureOf(launched: LaunchedServer | undefined): EmbeddedServerError {
  return new EmbeddedServerError(launched?.lastError() ?? 'it does not take connections')
}

/** Ends the server when this process started it, and one whose own Rex has died. */
async function shutDown({ pid, launched }: RunningServer): Promise<void> {
  if (launched === undefined && !isOrphan(pid)) return
  launched?.shutDown()
  signal(pid, 'SIGINT')
  await waitAtMost(ended(pid), shutDownTimeoutMs)
  if (isRunning(pid)) signal(pid, 'SIGQUIT')
}

async function ended(pid: number): Promise<void> {
  while (isRunning(pid)) await setTimeout(lookEveryMs)
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended meanwhile.
  }
}
