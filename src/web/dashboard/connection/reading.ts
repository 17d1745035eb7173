import type { AnyVariables, TypedDocumentNode } from '@urql/core'
import { useCallback } from 'react'
import { useMutation, useQuery } from 'urql'
import { type MutationResult, type Outcome, outcomeOf, type Problem, problemOf } from './problem.ts'

export interface Reading<Data> {
  /** The newest data; it stays while it is read again. */
  readonly data: Data | undefined
  readonly problem: Problem | undefined
  readonly isReading: boolean
  /** Reads again from the server. */
  reload(): void
}

/** Reads a query: at once from the cache if it is there, and from the server. */
export function useReading<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { pause = false }: { readonly pause?: boolean } = {},
): Reading<Data> {
  // A union of both forms of arguments is more than the type of useQuery can infer.
  const args = { query, variables, pause, requestPolicy: 'cache-and-network' } as Parameters<
    typeof useQuery<Data, Variables>
  >[0]
  const [{ data, error, fetching, stale }, execute] = useQuery<Data, Variables>(args)
  const reload = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute])
  return { data, problem: error && problemOf(error), isReading: fetching || stale, reload }
}

/** Returns a function that runs a mutation, and returns its success or its failure in words. */
export function useChange<Data, Variables extends AnyVariables, Success extends object>(
  mutation: TypedDocumentNode<Data, Variables>,
  resultOf: (data: Data) => MutationResult<Success>,
): { readonly isChanging: boolean; change(variables: Variables): Promise<Outcome<Success>> } {
  const [{ fetching }, execute] = useMutation<Data, Variables>(mutation)
  const change = async (variables: Variables) => {
    const { data, error } = await execute(variables)
    return outcomeOf<Success>(data && resultOf(data), error)
  }
  return { isChanging: fetching, change }
}
