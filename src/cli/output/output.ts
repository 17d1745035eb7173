import pc from 'picocolors'
import type { CommandContext, OutputStream } from '../frame/command-context.ts'
import { pasteable } from './pasteable.ts'
import { indentedJson, jsonLine } from './printable.ts'

export type OutputMode = 'json' | 'quiet' | 'text'

/** Result of a command, in the forms in which it can be printed. */
export interface Result {
  /** Printed with `--json`. */
  readonly json: unknown
  /** Printed without an option. */
  readonly text: string
  /** Printed with `--quiet`, one per line. */
  readonly ids?: readonly string[]
}

/** Prints results to standard output, and everything else to standard error. */
export interface Output {
  readonly mode: OutputMode
  /** Colours, which are off unless standard output is a terminal. */
  readonly colors: ReturnType<typeof pc.createColors>
  /** Columns of the terminal; undefined if standard output is none. */
  readonly columns: number | undefined
  /** Prints the result of a command. */
  result(result: Result): Promise<void>
  /** Prints one of many results, such as an event: `--json` prints a line of JSON. */
  item(item: Result): Promise<void>
  /** Writes raw text to standard output; resolves when the reader keeps up. */
  write(text: string): Promise<void>
  /** Prints advice or progress to standard error; not with `--json` or `--quiet`. */
  note(text: string): void
}

/** Creates the output of one command. */
export function createOutput({ settings, stdout, stderr }: CommandContext, mode: OutputMode): Output {
  const write = (text: string) => writeAll(stdout, text)
  const print = ({ json, text, ids = [] }: Result, toJson: (value: unknown) => string): Promise<void> => {
    if (mode === 'json') return write(`${toJson(json)}\n`)
    const lines = mode === 'quiet' ? ids.join('\n') : text
    return lines === '' ? Promise.resolve() : write(`${lines}\n`)
  }
  return {
    mode,
    colors: pc.createColors(settings.allowsColor && stdout.isTTY === true),
    columns: stdout.isTTY === true ? (stdout.columns ?? 80) : undefined,
    write,
    result: (result) => print(result, indentedJson),
    item: (item) => print(item, jsonLine),
    note: (text) => {
      if (mode === 'text') stderr.write(`${pasteable(text, settings)}\n`)
    },
  }
}

function writeAll(stream: OutputStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()))
  })
}
