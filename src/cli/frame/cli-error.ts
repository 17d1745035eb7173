import { type ExitCode, exitCodes } from './exit-codes.ts'

interface CliErrorOptions {
  readonly exitCode?: ExitCode
  /** Next step for the person, in a sentence. */
  readonly hint?: string
  readonly cause?: unknown
}

/** Expected failure of a command. It is printed without a stack trace. */
export class CliError extends Error {
  readonly exitCode: ExitCode
  readonly hint: string | undefined

  constructor(message: string, { exitCode = exitCodes.failed, hint, cause }: CliErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'CliError'
    this.exitCode = exitCode
    this.hint = hint
  }
}

/** Returns the error of a value that a command does not accept. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { exitCode: exitCodes.usage, ...(hint !== undefined && { hint }) })
}
