import cluster, { type Worker } from 'node:cluster'
import type { Log } from '../../platform/log.ts'
import { waitAtMost } from '../../platform/timeout.ts'
import { returnLostConnections } from './lost-connections.ts'
import { createRestartDelays } from './restart-delays.ts'

/** Thrown when a process exits before it serves. It has printed the reason. */
export class ProcessFailedError extends Error {}

/** Processes that serve, as many as configured. */
interface Fleet {
  /** Starts all processes. Returns their address. @throws ProcessFailedError */
  start(): Promise<string>
  /** Marks a process as serving. */
  markServing(worker: Worker, url: string): void
  /**
   * Replaces one process after the other: the new one serves before the old one stops.
   * @throws ProcessFailedError when a new one does not start; the rest then stays as it is
   */
  reload(): Promise<void>
  stop(): Promise<void>
}

interface Parts {
  readonly size: number
  readonly log: Log
  /** Time for which a process may hand over or stop before it is killed. */
  readonly stopWithinMs: number
  readonly send: (worker: Worker, type: 'stop' | 'hand over') => void
  /** Called when the number of serving processes has changed. */
  readonly onChange: (allServe: boolean) => void
}

interface Member {
  readonly worker: Worker
  readonly exited: Promise<void>
  /** Resolves with its address when it serves, and with undefined when it exits before. */
  readonly serves: Promise<string | undefined>
  readonly setServing: (url: string | undefined) => void
  state: 'starting' | 'serving' | 'leaving'
}

export function createFleet({ size, log, stopWithinMs, send, onChange }: Parts): Fleet {
  const members = new Map<number, Member>()
  const delays = createRestartDelays()
  let hasStarted = false
  let isStopping = false
  let reloading: Promise<void> | undefined
  const inState = (...states: Member['state'][]) => [...members.values()].filter(({ state }) => states.includes(state))
  const reportChange = () => onChange(inState('serving').length >= size)

  const launch = (): Member => {
    const member = forkMember((exit) => end(member, exit))
    members.set(member.worker.id, member)
    return member
  }
  const end = (member: Member, exit: number | string) => {
    const { state, worker } = member
    members.delete(worker.id)
    member.setServing(undefined)
    reportChange()
    if (state === 'leaving' || isStopping || !hasStarted) return
    const restartInMs = delays.next()
    log.error({ pid: worker.process.pid, exit, restart_in_ms: restartInMs }, 'process.ended')
    setTimeout(relaunch, restartInMs)
  }
  /** Does nothing when the old process of a failed reload still serves. */
  const relaunch = () => {
    if (!isStopping && inState('starting', 'serving').length < size) launch()
  }
  const retire = (member: Member, how: 'stop' | 'hand over') => {
    // While it is being loaded it hears signals alone.
    if (member.state === 'starting') member.worker.process.kill('SIGTERM')
    else send(member.worker, how)
    member.state = 'leaving'
    return exitOrKill(member, stopWithinMs)
  }
  const replaceAll = async () => {
    for (const member of inState('serving')) {
      const url = await launch().serves
      if (isStopping) return
      if (url === undefined) throw new ProcessFailedError('The new process did not start.')
      await retire(member, 'hand over')
    }
  }
  const startAll = async (): Promise<string> => {
    // The first one alone: several would print the same error.
    const url = await launch().serves
    const others = url === undefined ? [] : Array.from({ length: size - 1 }, launch)
    const urls = await Promise.all(others.map(({ serves }) => serves))
    if (url === undefined || urls.includes(undefined)) throw new ProcessFailedError('A process did not start.')
    hasStarted = true
    return url
  }

  return {
    start: startAll,
    markServing: (worker, url) => {
      const member = members.get(worker.id)
      if (member?.state !== 'starting') return
      member.state = 'serving'
      member.setServing(url)
      reportChange()
    },
    reload: () => {
      reloading ??= replaceAll().finally(() => {
        reloading = undefined
      })
      return reloading
    },
    stop: async () => {
      isStopping = true
      await Promise.all([...members.values()].map((member) => retire(member, 'stop')))
    },
  }
}

function forkMember(onExit: (exit: number | string) => void): Member {
  const worker = cluster.fork()
  returnLostConnections(worker)
  const { promise: serves, resolve: setServing } = Promise.withResolvers<string | undefined>()
  const { promise: exited, resolve: setExited } = Promise.withResolvers<void>()
  worker.on('error', () => {}) // An error of its channel: the exit follows.
  worker.once('exit', (code, signal) => {
    onExit(code ?? signal)
    setExited()
  })
  return { worker, exited, serves, setServing, state: 'starting' }
}

async function exitOrKill({ worker, exited }: Member, withinMs: number): Promise<void> {
  await waitAtMost(exited, withinMs)
  worker.process.kill('SIGKILL')
}
