import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

/** A measured server in its own process. */
export interface ServerProcess {
  readonly url: string
  /** Resident memory in MB; undefined on systems without Linux's /proc. */
  residentMb(): number | undefined
  /** CPU time used, in ms; NaN on systems without Linux's /proc. */
  cpuMs(): number
  /** Memory after a garbage collection, in bytes; for servers that were started with `memoryProbe` alone. */
  memory(): Promise<Memory>
  stop(): Promise<void>
}

export interface Memory {
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
}

/** Environment of servers whose `memory` is measured. */
export const memoryProbe = { NODE_OPTIONS: `--import=${join(import.meta.dirname, 'memory-probe.ts')}` }

const repository = join(import.meta.dirname, '..')

/** Returns the command of `npm start`, with its flags. */
export function startCommand(): string {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))
  return scripts.start
}

/** Returns the command that runs a file of this folder with Node. */
export function nodeCommand(file: string): string {
  return `exec node --disable-warning=ExperimentalWarning bench/${file}`
}

/**
 * Starts a server; resolves when it has printed its URL.
 * @param folder working directory: the repository, or another version of it to compare with
 * @param command shell command that ends with `exec`, so that the process is the server itself
 */
export async function startServer(
  command: string,
  environment: Readonly<Record<string, string>> = {},
  folder = repository,
): Promise<ServerProcess> {
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  const child = spawn('sh', ['-c', command], {
    cwd: folder,
    env: {
      PATH: path,
      HOME: process.env['HOME'],
      PORT: '0',
      REX_CAPTURE_RATE: '0',
      REX_PROCESSES: '1',
      REX_DRAIN_MS: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const { stdout } = child
  if (stdout === null) throw new Error('Expected the output of the server.')
  const lines = createInterface({ input: stdout })
  const url = await urlIn(lines)
  lines.close()
  stdout.resume()
  if (url === undefined) throw new Error(`The server exited before it listened: ${command}`)
  return {
    url,
    residentMb: () => residentMbOf(child.pid),
    cpuMs: () => cpuMsOf(child.pid),
    memory: async () => {
      const answered = once(child, 'message')
      child.send('measure')
      const [memory] = await answered
      return memory as Memory
    },
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function urlIn(lines: AsyncIterable<string>): Promise<string | undefined> {
  for await (const line of lines) {
    const [, url] = /istens on (\S+)$/.exec(line) ?? []
    if (url !== undefined) return url
  }
  return undefined
}

function residentMbOf(pid: number | undefined): number | undefined {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1024
  } catch {
    return undefined // The file exists only on Linux.
  }
}

const ticksPerSecond = 100

/** Returns the CPU time of a process, in ms; NaN on systems without Linux's /proc. */
export function cpuMsOf(pid: number | undefined): number {
  try {
    // After the name, which is in brackets and may contain any text, user and system time are the 12th and 13th fields.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000
  } catch {
    return Number.NaN
  }
}
