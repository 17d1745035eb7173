import { setTimeout } from 'node:timers/promises'
import type { Log } from '../../platform/log.ts'
import { waitAtMost } from '../../platform/timeout.ts'
import { embeddedName } from './cluster.ts'
import { acceptsConnections, type ServerSocket } from './embedded-database.ts'
import { EmbeddedServerError } from './embedded-server-error.ts'
import { type LaunchedServer, launchServer, type ServerProgram } from './launch-server.ts'
import { findPostmaster, isOrphan, isRunning, type Postmaster, removeLeftoverFile } from './postmaster-file.ts'

export interface ServerKeeper {
  /** Socket on which the server accepts connections. */
  readonly socket: ServerSocket
  stop(): Promise<void>
}

/** Server that accepts connections; `launched` when this process started it. */
interface RunningServer {
  readonly pid: number
  readonly socket: ServerSocket
  readonly launched: LaunchedServer | undefined
}

/** Time limit of a start: recovery after a crash reads the write-ahead log since the last checkpoint. */
const startTimeoutMs = 120_000
const startPollMs = 20
const endPollMs = 300
const maxLaunches = 5
const restartAfterMs = 1000
const shutDownTimeoutMs = 15_000

/**
 * Resolves when the server accepts connections. Afterwards it restarts a server that ends, even one that another
 * process started: when several processes share the folder, PostgreSQL's lock file lets one of them win and the others
 * join.
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
        await setTimeout(restartAfterMs, undefined, { signal: stopping.signal }).catch(() => {}) // Stopped meanwhile.
      }
    }
  }

  /** Resolves with false when the keeper is stopped first. */
  async function endsBeforeStop({ pid }: RunningServer): Promise<boolean> {
    while (isRunning(pid) && !stopping.signal.aborted)
      await setTimeout(endPollMs, undefined, { signal: stopping.signal }).catch(() => {}) // Stopped meanwhile.
    return !stopping.signal.aborted
  }
}

/** Joins the server of the folder, or starts it when none runs. @throws EmbeddedServerError when it does not start */
async function findOrLaunch(program: ServerProgram, log: Log): Promise<RunningServer> {
  const { clusterFolder } = program
  const deadline = Date.now() + startTimeoutMs
  let launched: LaunchedServer | undefined
  for (let launches = 0; Date.now() < deadline; await setTimeout(startPollMs)) {
    const postmaster = findPostmaster(clusterFolder)
    if (postmaster !== undefined) {
      if (await isUsable(postmaster))
        return { pid: postmaster.pid, socket: postmaster, launched: await stillRunning(launched) }
    } else if ((await stillRunning(launched)) === undefined) {
      if (launches === maxLaunches) throw failureOf(launched)
      if (launches > 0) await setTimeout(launches * endPollMs)
      removeLeftoverFile(clusterFolder)
      launched = launchServer(program, log)
      launches += 1
    }
  }
  throw failureOf(launched)
}

async function isUsable(postmaster: Postmaster): Promise<boolean> {
  return postmaster.isReady && (await acceptsConnections(postmaster, embeddedName))
}

async function stillRunning(launched: LaunchedServer | undefined): Promise<LaunchedServer | undefined> {
  if (launched === undefined) return undefined
  const ended = await Promise.race([launched.exited.then(() => true), setTimeout(0, false)])
  return ended ? undefined : launched
}

function failureOf(launched: LaunchedServer | undefined): EmbeddedServerError {
  return new EmbeddedServerError(launched?.lastError() ?? 'it does not accept connections')
}

/** Stops the server when this process started it, or when its own Rex has died. */
async function shutDown({ pid, launched }: RunningServer): Promise<void> {
  if (launched === undefined && !isOrphan(pid)) return
  launched?.shutDown()
  signal(pid, 'SIGINT')
  await waitAtMost(ended(pid), shutDownTimeoutMs)
  if (isRunning(pid)) signal(pid, 'SIGQUIT')
}

async function ended(pid: number): Promise<void> {
  while (isRunning(pid)) await setTimeout(startPollMs)
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has exited meanwhile.
  }
}
