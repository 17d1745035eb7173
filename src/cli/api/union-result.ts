import { CliError } from '../frame/cli-error.ts'
import { exitCodes } from '../frame/exit-codes.ts'

/** Member of the union that a mutation returns; the others are expected failures. */
interface Member {
  readonly __typename: string
  readonly message?: string
  readonly issues?: readonly { readonly path: readonly string[]; readonly message: string }[]
}

/** Returns the result of a mutation if it has the expected type. @throws CliError that says why it failed */
export function expectType<Result extends Member, Name extends Result['__typename']>(
  result: Result | null | undefined,
  name: Name,
): Extract<Result, { __typename: Name }> {
  if (result && isType(result, name)) return result
  throw failureOf(result ?? { __typename: 'none' })
}

function isType<Result extends Member, Name extends string>(
  result: Result,
  name: Name,
): result is Extract<Result, { __typename: Name }> {
  return result.__typename === name
}

function failureOf({ __typename, message = 'The server sent no result.', issues = [] }: Member): CliError {
  const details = issues.map((issue) => `\n  ${issue.path.join('.')}: ${issue.message}`).join('')
  const exitCode = __typename === 'NotFoundError' ? exitCodes.notFound : exitCodes.failed
  return new CliError(`${message}${details}`, { exitCode })
}
