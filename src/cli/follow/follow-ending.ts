import { refused } from '../api/api-failures.ts'
import { CliError } from '../frame/cli-error.ts'
import { exitCodes } from '../frame/exit-codes.ts'

/** How following has ended: to be resumed, for good, or because the log of events has begun. */
export type Ending =
  | { readonly kind: 'cut' }
  | { readonly kind: 'begun' }
  | { readonly kind: 'refused'; readonly error: CliError }

/** Close codes after which another try has the same end (graphql-transport-ws and RFC 6455). */
const finalCloseCodes = [4400, 4401, 4403, 4406, 4409]

/** Returns the ending for what graphql-ws reports: an error of GraphQL, a close event, or nothing. */
export function endingOf(reported: unknown): Ending {
  if (Array.isArray(reported)) return endingOfErrors(reported)
  if (isClose(reported) && finalCloseCodes.includes(reported.code))
    return { kind: 'refused', error: errorOfClose(reported) }
  return { kind: 'cut' }
}

/** Returns the ending for the error of a request. A bug is thrown again. */
export function endingOfRequest(error: unknown): Ending {
  if (!(error instanceof CliError)) throw error
  return error.exitCode === exitCodes.unavailable ? { kind: 'cut' } : { kind: 'refused', error }
}

function endingOfErrors(errors: readonly unknown[]): Ending {
  const { message = 'The server ended the subscription.', extensions } = parseError(errors[0])
  const code = extensions?.code ?? 'INTERNAL'
  const isPassing = ['UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL'].includes(code)
  return isPassing ? { kind: 'cut' } : { kind: 'refused', error: refused({ code, message }) }
}

function errorOfClose({ code, reason }: Close): CliError {
  const isForbidden = code === 4401 || code === 4403
  if (isForbidden) return refused({ code: 'UNAUTHENTICATED', message: 'The server does not accept this key.' })
  return new CliError(`The server closed the connection: ${code} ${reason}`)
}

interface Close {
  readonly code: number
  readonly reason: string
}

function isClose(reported: unknown): reported is Close {
  return typeof reported === 'object' && reported !== null && 'code' in reported && typeof reported.code === 'number'
}

interface ReportedError {
  readonly message?: string
  readonly extensions?: { readonly code?: string }
}

function parseError(error: unknown): ReportedError {
  return typeof error === 'object' && error !== null ? error : {}
}
