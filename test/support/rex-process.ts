import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { logLinesOf, refusePrivateLines } from './private-lines.ts'

/** A Rex in a process of its own, as `npm start` runs it: to be killed, or asked to stop. */
export interface RexProcess {
  readonly pid: number
  readonly url: string
  readonly output: () => string
  /** Answers the exit code, or the signal that ended it. */
  signal(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>
}

type Environment = Readonly<Record<string, string>>

/** Starts it and waits until it listens. @throws with its output when it exits instead */
export async function startRexProcess(environment: Environment): Promise<RexProcess> {
  const { pid, listens, exited, output, signal } = launchRex(environment)
  const url = await Promise.race([
    listens,
    exited.then((code) => {
      throw new Error(`Rex exited with ${code}:\n${output()}`)
    }),
  ])
  return { pid, url, output, signal }
}

/** One that may not listen yet. */
interface LaunchedRex extends Omit<RexProcess, 'url'> {
  readonly listens: Promise<string>
  readonly exited: Promise<number | NodeJS.Signals>
}

/** Starts it, and waits for nothing. Its end fails when its log holds something private. */
export function launchRex(environment: Environment): LaunchedRex {
  const { child, output } = spawnRex('start.js', environment)
  const exited = once(child, 'exit').then(([code, endedBy]) => {
    refuseLeaks(output(), environment)
    return code ?? endedBy
  })
  return {
    pid: child.pid ?? 0,
    listens: lineWithUrl(child),
    exited,
    output,
    signal: (signal) => {
      child.kill(signal)
      return exited
    },
  }
}

/** Starts it and answers how it exits. */
export function runRex(environment: Environment, ...parameters: string[]): Promise<RunResult> {
  return runToEnd('start.js', environment, parameters)
}

/** Runs `rex` with its parameters: a command and what it takes. */
export function runRexCommand(environment: Environment, ...parameters: string[]): Promise<RunResult> {
  return runToEnd('rex.js', environment, parameters)
}

/** Runs `rex` in a folder, where it writes its files. */
export function runRexCommandIn(folder: string, environment: Environment, ...parameters: string[]): Promise<RunResult> {
  return runToEnd('rex.js', environment, parameters, folder)
}

/** Starts `rex` with its parameters, and waits for nothing. */
export function launchRexCommand(environment: Environment, ...parameters: string[]): LaunchedCommand {
  const { child, output } = spawnRex('rex.js', environment, parameters)
  const exited = once(child, 'close').then(([code, endedBy]) => code ?? endedBy)
  return {
    pid: child.pid ?? 0,
    output,
    signal: (signal) => {
      child.kill(signal)
      return exited
    },
  }
}

type LaunchedCommand = Omit<RexProcess, 'url'>

interface RunResult {
  readonly code: number
  readonly output: string
}

async function runToEnd(
  file: string,
  environment: Environment,
  parameters: readonly string[],
  folder?: string,
): Promise<RunResult> {
  const { child, output } = spawnRex(file, environment, parameters, folder)
  // Not 'exit': the end of the output may come after it.
  const [code] = await once(child, 'close')
  refuseLeaks(output(), environment)
  return { code, output: output() }
}

/** Most tests are about one process, and none about the time in which a proxy notices that it stops. */
const usual: Environment = { PORT: '0', REX_CAPTURE_RATE: '0', REX_PROCESSES: '1', REX_DRAIN_MS: '0' }

function spawnRex(file: string, environment: Environment, parameters: readonly string[] = [], folder?: string) {
  const path = fileURLToPath(new URL(`../../bin/${file}`, import.meta.url))
  const inherited = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path, ...parameters], {
    env: { ...inherited, ...usual, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
  })
  let text = ''
  const collect = (chunk: Buffer) => {
    text += chunk.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  return { child, output: () => text }
}

function refuseLeaks(output: string, { REX_API_KEY }: Environment): void {
  refusePrivateLines(logLinesOf(output), REX_API_KEY === undefined ? [] : [REX_API_KEY])
}

function lineWithUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const [, url] = /^Rex listens on (\S+)$/m.exec(text) ?? []
      if (url !== undefined) resolve(url)
    })
  })
}
