import type { CombinedError } from '@urql/core'
import type { IssuesFragment } from '../../../generated/graphql/graphql.ts'

/** Failure in words, with the errors by the part of the input. */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly issues: readonly { readonly path: string; readonly message: string }[]
}

/** Returns the failure of a request in words. */
export function problemOf(error: CombinedError): Problem {
  const [first] = error.graphQLErrors
  const code = String(first?.extensions['code'] ?? (error.networkError ? 'UNREACHABLE' : 'INTERNAL'))
  return { code, message: first?.message ?? error.networkError?.message ?? 'Something went wrong.', issues: [] }
}

/** Result of a mutation: the success or an expected error. */
export type MutationResult<Success> = Success | IssuesFragment | null | undefined

export type Outcome<Success> =
  | { readonly kind: 'done'; readonly value: Success }
  | { readonly kind: 'failed'; readonly problem: Problem }

/** Returns the success of a mutation, or its failure in words. */
export function outcomeOf<Success extends object>(
  result: MutationResult<Success>,
  error: CombinedError | undefined,
): Outcome<Success> {
  if (error) return { kind: 'failed', problem: problemOf(error) }
  if (!result) return failed('INTERNAL', 'The server sent no result.')
  if (!isFailure(result)) return { kind: 'done', value: result }
  return failed(result.code, result.message, issuesOf(result))
}

function failed(code: string, message: string, issues: Problem['issues'] = []): Outcome<never> {
  return { kind: 'failed', problem: { code, message, issues } }
}

function isFailure(result: object): result is IssuesFragment {
  return 'message' in result && 'path' in result
}

function issuesOf(failure: IssuesFragment): Problem['issues'] {
  const { message, path } = failure
  if ('issues' in failure)
    return failure.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
  return path ? [{ path: path.join('.'), message }] : []
}
