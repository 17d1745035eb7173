import type { graphql as generated } from '../../generated/cli/gql.ts'

/** Marks a GraphQL operation of a command; `npm run generate:graphql` generates its types. */
export const graphql = typed((source) => source)

/** Operation with the types of its variables and its result. */
export interface Operation<Result, Variables> {
  __apiType?: (variables: Variables) => Result
  toString(): string
}

function typed(identity: (source: string) => unknown): typeof generated {
  return identity as typeof generated
}
