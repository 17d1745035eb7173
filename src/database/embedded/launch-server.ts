import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Log } from '../../platform/log.ts'
import type { Binaries } from './binaries.ts'
import { programEnvironment } from './cluster.ts'
import { supervisorName } from './postmaster-file.ts'
import type { RunAs } from './run-as.ts'
import type { ServerSettings } from './server-settings.ts'

/** Server process that this process has started. */
export interface LaunchedServer {
  /** Resolves with its exit code or signal when it has ended. */
  readonly exited: Promise<number | string | null>
  /** Returns the message of the last fatal error. */
  lastError(): string | undefined
  /** Makes it close its sessions, write its files and exit. */
  shutDown(): void
}

/**
 * Runs the server and shuts it down when the shell's standard input ends, which happens whenever this process dies.
 * Descriptor 3 keeps that input, since a shell gives its background jobs another one.
 */
const supervisor = `
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
(while read -r _; do :; done <&3; kill -INT "$server") >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`

export interface ServerProgram {
  readonly binaries: Binaries
  readonly runAs: RunAs
  readonly clusterFolder: string
  readonly settings: ServerSettings
}

/**
 * Starts the server in a session of its own: an interrupt from the terminal reaches only Rex, which stops it in order.
 */
export function launchServer(program: ServerProgram, log: Log): LaunchedServer {
  const { binaries, runAs, clusterFolder, settings } = program
  const parameters = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = [...runAs.prefix, binaries.postgres, '-D', clusterFolder, ...parameters]
  const child = spawn('/bin/sh', ['-c', supervisor, supervisorName, ...command], {
    ...runAs.owner,
    cwd: clusterFolder,
    env: programEnvironment(binaries),
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let lastError: string | undefined
  forwardLines(child, log, (message) => {
    lastError = message
  })
  child.stdin?.on('error', () => {}) // The shell has already exited.
  return {
    exited: exitOf(child),
    lastError: () => lastError,
    shutDown: () => {
      child.stdin?.end()
    },
  }
}

function exitOf(child: ChildProcess): Promise<number | string | null> {
  return once(child, 'exit').then(
    ([code, signal]) => code ?? signal,
    () => 'error',
  )
}

/** Forwards lines such as `checkpointer: LOG:  checkpoint starting: time` to the log. */
function forwardLines({ stderr }: ChildProcess, log: Log, onError: (message: string) => void): void {
  if (stderr === null) return
  createInterface({ input: stderr }).on('line', (line) => {
    const [, part = '', severity = 'LOG', message = line] = /^([^:]*): ([A-Z]+): +(.*)$/.exec(line) ?? []
    // Rejected or closed connections are logged as FATAL, but are no error of the server.
    const isError = severity === 'PANIC' || (severity === 'FATAL' && part !== 'client backend')
    if (isError) onError(message)
    log[isError || severity === 'WARNING' ? 'warn' : 'debug']({ part, severity, message }, 'embedded_database.log')
  })
}
