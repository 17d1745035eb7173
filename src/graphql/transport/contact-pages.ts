import { execute, type GraphQLError, type GraphQLSchema, parse } from 'graphql'
import { AppError, invalidRequest } from '../../platform/errors.ts'
import type { ContactPageRequest, ReadContactPage } from '../../server/mounted-graphql.ts'
import type { ReplicaReads } from '../../workspaces/replica-reads.ts'
import type { Viewer } from '../../workspaces/viewer.ts'
import type { Context } from '../execution/context.ts'

/** Contacts of a page, as `Contact` of the schema shows them to the viewer. */
const document = parse(`query ContactPage($filter: ContactFilter, $search: String, $after: String) {
  contacts(first: 100, after: $after, filter: $filter, search: $search) {
    nodes {
      id email firstName lastName stage source metadata submissionCount createdAt updatedAt lastSeenAt
      firstTouch { ...Touch }
      lastTouch { ...Touch }
    }
    pageInfo { hasNextPage endCursor }
  }
}
fragment Touch on Attribution { source medium campaign term content clickIds referrer landingPage capturedAt }`)

interface PageResult {
  readonly contacts: {
    readonly nodes: readonly Readonly<Record<string, unknown>>[]
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  }
}

/**
 * Returns the function that reads pages of contacts for the other surfaces: with the filters, the masking and the bounds
 * of the list in the schema.
 */
export function createContactPages(
  schema: GraphQLSchema,
  contextOf: (viewer: Viewer, baseUrl: string) => Context,
  reads?: ReplicaReads,
): ReadContactPage {
  return async (viewer: Viewer, request: ContactPageRequest) => {
    const context = contextOf(viewer, '')
    const database = (await reads?.databaseFor(viewer)) ?? context.database
    const { data, errors } = await execute({
      schema,
      document,
      variableValues: { ...request },
      contextValue: { ...context, database },
    })
    const [error] = errors ?? []
    if (error !== undefined) throw appErrorOf(error)
    const { nodes, pageInfo } = pageOf(data)
    return { contacts: nodes, next: pageInfo.hasNextPage ? pageInfo.endCursor : null }
  }
}

function pageOf(data: unknown): PageResult['contacts'] {
  return (data as PageResult).contacts
}

/** Converts the errors that a filter or a key causes; any other is what the resolver threw. */
function appErrorOf(error: GraphQLError): unknown {
  const { code } = error.extensions
  if (error.originalError instanceof AppError) return error.originalError
  if (code === 'FORBIDDEN') return new AppError('insufficient_scope', 'This filter needs the scope PII_READ.')
  const isOfCaller =
    code === 'BAD_USER_INPUT' || error.path === undefined || error.originalError?.name === 'InputValidationError'
  if (isOfCaller)
    return invalidRequest([{ path: 'filter', message: 'a ContactFilter of the GraphQL schema is expected' }])
  return error.originalError ?? error
}
