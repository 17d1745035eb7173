import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { readCliSettings } from '../../src/cli/cli-settings.ts'
import type { CommandContext } from '../../src/cli/frame/command-context.ts'
import { runProgram } from '../../src/cli/frame/run-program.ts'
import { eventually } from './eventually.ts'

/** How a command is run: what it finds around it. */
export interface CliOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly folder?: string
  readonly stdin?: string
  /** Columns of the terminal; left out: output and input are no terminal. */
  readonly columns?: number
}

export interface CliRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs until it is interrupted. */
export interface RunningCli {
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits until standard output or standard error matches. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  interrupt(): Promise<CliRun>
}

/** Starts a command in this process. */
function startCli(parameters: readonly string[], options: CliOptions = {}): RunningCli & { ended: Promise<CliRun> } {
  const { environment = {}, folder = tmpdir(), stdin = '', columns } = options
  const stdout = collector(columns)
  const stderr = collector(columns)
  const interrupted = new AbortController()
  const context: CommandContext = {
    settings: readCliSettings({ XDG_CONFIG_HOME: join(folder, 'config'), ...environment }),
    folder,
    stdin: Object.assign(Readable.from(stdin === '' ? [] : [stdin]), { isTTY: columns !== undefined }),
    stdout: stdout.stream,
    stderr: stderr.stream,
    interruption: () => interrupted.signal,
  }
  const ended = runProgram(parameters, context).then((code) => ({ code, stdout: stdout.text(), stderr: stderr.text() }))
  return {
    stdout: stdout.text,
    stderr: stderr.text,
    ended,
    said: async (pattern) => {
      const all = () => `${stdout.text()}\n${stderr.text()}`
      await eventually(() => pattern.test(all()), all)
      return pattern.exec(all())!
    },
    interrupt: () => {
      interrupted.abort()
      return ended
    },
  }
}

/** Runs a command in this process to its end. */
export function runCli(parameters: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  return startCli(parameters, options).ended
}

/** Runs commands as a client of one app. */
export function cliOf({ url, key }: { readonly url: string; readonly key: string }) {
  const environment = { REX_URL: url, REX_API_KEY: key }
  const withApp = (options: CliOptions) => ({ ...options, environment: { ...environment, ...options.environment } })
  const run = (parameters: readonly string[], options: CliOptions = {}) => runCli(parameters, withApp(options))
  return {
    run,
    start: (parameters: readonly string[], options: CliOptions = {}) => startCli(parameters, withApp(options)),
    /** Runs a command that has to succeed, with `--json`, and returns what it printed. */
    json: async <Value>(...parameters: readonly string[]): Promise<Value> => {
      const { code, stdout, stderr } = await run([...parameters, '--json'])
      if (code !== 0) throw new Error(`rex ${parameters.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
      return JSON.parse(stdout) as Value
    },
  }
}

/** Makes a folder of its own for a test. */
export async function cliFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'rex-cli-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

function collector(columns: number | undefined) {
  let text = ''
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString()
      done()
    },
  })
  return {
    stream: Object.assign(stream, columns === undefined ? {} : { isTTY: true, columns }),
    text: () => text,
  }
}
