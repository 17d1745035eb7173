import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually } from './eventually.ts'

/** A shell command as somebody types it, with everything that it starts. */
export interface ShellCommand {
  readonly output: () => string
  /** Waits for output that matches. @throws with all output when the command ends first */
  said(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  /** Waits for its end and answers the exit code. */
  ended(): Promise<number | null>
  /** Ends the whole process group, as Ctrl-C does, and resolves when none of it holds the output any more. */
  stop(): Promise<void>
}

const stopWithinMs = 30_000

export function startShell(
  command: string,
  { folder, environment }: { readonly folder: string; readonly environment: Readonly<Record<string, string>> },
): ShellCommand {
  const child = spawn('bash', ['-c', command], {
    cwd: folder,
    env: environment,
    detached: true, // A process group of its own.
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const collect = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  let isClosed = false
  const closed = once(child, 'close').then(([code]: (number | null)[]) => {
    isClosed = true
    return code ?? null
  })
  return {
    output: () => output,
    said: async (pattern, timeoutMs) => {
      await eventually(
        () => isClosed || pattern.test(output),
        () => output,
        timeoutMs,
      )
      const match = pattern.exec(output)
      if (match === null) throw new Error(`${pattern} was expected, but the command ended:\n${output}`)
      return match
    },
    ended: () => closed,
    stop: async () => {
      if (isClosed) return
      signalGroup(child.pid, 'SIGTERM')
      const kill = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), stopWithinMs)
      await closed
      clearTimeout(kill)
    },
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // ESRCH: it has ended by itself meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
