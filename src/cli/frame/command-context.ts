import type { Readable, Writable } from 'node:stream'
import { type CliSettings, readCliSettings } from '../cli-settings.ts'

/** Stream to which a command writes; a terminal has columns. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** Parts of the process that a command uses. Tests replace them. */
export interface CommandContext {
  readonly settings: CliSettings
  readonly folder: string
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  /** Returns a signal that aborts on Ctrl-C; a command that calls it ends itself then. */
  interruption(): AbortSignal
}

/** Returns the context of this process. */
export function processContext(): CommandContext {
  return {
    settings: readCliSettings(),
    folder: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    interruption,
  }
}

function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}
