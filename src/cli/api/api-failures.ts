import { CliError } from '../frame/cli-error.ts'
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts'

/** Failure that a server has reported, before or in GraphQL. */
interface Reported {
  readonly code: string
  readonly message: string
  readonly fields?: readonly { readonly path: string; readonly message: string }[]
}

const exitCodeOfCode: Readonly<Record<string, ExitCode>> = {
  UNAUTHENTICATED: exitCodes.notAllowed,
  FORBIDDEN: exitCodes.notAllowed,
  INSUFFICIENT_SCOPE: exitCodes.notAllowed,
  WRONG_WORKSPACE: exitCodes.notAllowed,
  WORKSPACE_DISABLED: exitCodes.notAllowed,
  NOT_FOUND: exitCodes.notFound,
  WORKSPACE_NOT_FOUND: exitCodes.notFound,
  UNAVAILABLE: exitCodes.unavailable,
  RATE_LIMITED: exitCodes.unavailable,
}

const hintOfCode: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'Check REX_API_KEY, or run `rex login --url URL` with a valid key.',
  FORBIDDEN: 'Use a key with this scope; `rex keys create` makes one.',
  INSUFFICIENT_SCOPE: 'Use a key with this scope; `rex keys create` makes one.',
  UNAVAILABLE: 'Try again in a moment.',
}

/** Returns the error of a server that sends no response. */
export function unreachable(url: string, cause: unknown): CliError {
  return new CliError(`Rex cannot be reached at ${url}.`, {
    exitCode: exitCodes.unavailable,
    hint: 'Start it with `rex serve`, or name another server with REX_URL or `rex login --url URL`.',
    cause,
  })
}

/** Returns the error of a response that is not from Rex. */
export function notRex(url: string, status: number): CliError {
  return new CliError(`${url} sent no response of Rex (HTTP ${status}).`, {
    exitCode: status >= 500 ? exitCodes.unavailable : exitCodes.failed,
    hint: 'Check the address: REX_URL, or the one of `rex login`.',
  })
}

/** Returns the error for a failure that the server has reported. */
export function refused({ code, message, fields = [] }: Reported): CliError {
  const name = code.toUpperCase()
  const details = fields.map((field) => `\n  ${field.path}: ${field.message}`).join('')
  const hint = hintOfCode[name]
  return new CliError(`${message}${details}`, {
    exitCode: exitCodeOfCode[name] ?? exitCodes.failed,
    ...(hint !== undefined && { hint }),
  })
}
