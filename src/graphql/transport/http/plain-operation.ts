import type { FastifyRequest } from 'fastify'
import { type DocumentNode, getOperationAST, OperationTypeNode } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Context, Executed } from '../../execution/context.ts'
import type { Yoga } from '../../execution/yoga.ts'
import { bodyTextOf } from './yoga-request.ts'

/** Outcome of an operation, and the media type that its caller accepts. */
interface PlainOutcome {
  readonly type: string
  readonly executed: Executed
}

/**
 * Executes queries and mutations without Yoga's fetch API, which costs more than a short operation. Yoga still decides
 * everything that is not plain: the media type for a value of Accept, other parameters, documents with errors,
 * subscriptions, and the status of every error.
 */
export interface PlainOperations {
  /** Returns undefined, and has executed nothing, if Yoga has to process the request. @throws AppError `invalid_encoding` */
  execute(request: FastifyRequest, context: Context, gone: AbortSignal): Promise<PlainOutcome | undefined>
  /** Remembers the media type that Yoga chose for the Accept of a request. */
  learnType(request: FastifyRequest, response: Response): void
}

const regularType = /^application\/(?:graphql-response\+)?json; charset=utf-8$/
const maxAcceptLength = 200

export function createPlainOperations(yoga: Yoga): PlainOperations {
  const types = new LRUCache<string, string>({ max: 100 })
  return {
    execute: async (request, context, gone) => {
      const type = types.get(acceptOf(request))
      if (request.method !== 'POST' || type === undefined) return undefined
      const executed = await execute(yoga, bodyTextOf(request), context, gone)
      return executed && { type, executed }
    },
    learnType: (request, { status, headers }) => {
      const accept = acceptOf(request)
      const type = headers.get('content-type') ?? ''
      const mayStream = /event-stream|multipart/.test(accept)
      if (status === 200 && !mayStream && accept.length <= maxAcceptLength && regularType.test(type))
        types.set(accept, type)
    },
  }
}

function acceptOf({ headers }: FastifyRequest): string {
  return headers.accept ?? ''
}

async function execute(yoga: Yoga, body: string, context: Context, gone: AbortSignal): Promise<Executed | undefined> {
  const params = paramsOf(body)
  if (params === undefined) return undefined
  const { query, variables: variableValues, operationName } = params
  const enveloped = yoga.getEnveloped(context)
  const { schema } = enveloped
  const document = validOrNothing(enveloped, query)
  if (document === undefined) return undefined
  const operation = getOperationAST(document, operationName)?.operation
  if (operation === undefined || operation === OperationTypeNode.SUBSCRIPTION) return undefined
  try {
    const contextValue = await enveloped.contextFactory()
    const args = { schema, document, contextValue, variableValues, operationName, signal: gone }
    return { kind: 'result', result: await enveloped.execute(args) }
  } catch (error) {
    return { kind: 'thrown', error }
  }
}

/** Returns undefined for a document with errors: Yoga finds them again, and reports them. */
function validOrNothing(
  { schema, parse, validate }: ReturnType<Yoga['getEnveloped']>,
  query: string,
): DocumentNode | undefined {
  try {
    const document: DocumentNode = parse(query)
    return validate(schema, document).length > 0 ? undefined : document
  } catch {
    return undefined
  }
}

interface Params {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>> | undefined
  readonly operationName: string | undefined
}

const names: ReadonlySet<string> = new Set(['query', 'variables', 'operationName'])

function paramsOf(body: string): Params | undefined {
  const params = objectOrNothing(parseJson(body))
  if (params === undefined || !Object.keys(params).every((name) => names.has(name))) return undefined
  const { query, variables: given, operationName } = params
  const variables = given == null ? undefined : objectOrNothing(given)
  if (typeof query !== 'string' || (given != null && variables === undefined)) return undefined
  if (operationName != null && typeof operationName !== 'string') return undefined
  // Some clients send an empty name instead of none.
  return { query, variables, operationName: operationName || undefined }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function objectOrNothing(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}
