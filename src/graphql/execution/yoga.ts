import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql'
import { createYoga, type Plugin, useExecutionCancellation, type YogaServerInstance } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import { cancellable } from '../../events/bounded-buffer.ts'
import type { Log } from '../../platform/log.ts'
import { isTracing } from '../../platform/tracing/tracing.ts'
import type { ReplicaReads } from '../../workspaces/replica-reads.ts'
import type { Context } from './context.ts'
import { limits } from './cost-limits.ts'
import { presentError } from './errors.ts'
import { plannedLists } from './lists/execute-list.ts'
import { operationSpans } from './operation-spans.ts'
import { readsFromReplica } from './replica-fields.ts'
import { sharedExecution } from './shared-execution.ts'

const maxCachedCharacters = 4_000_000

export type Yoga = YogaServerInstance<Context, object>

/** Builds the executor of operations for HTTP, SSE and WebSocket. The caller is authenticated before. */
export function buildYoga(schema: GraphQLSchema, log: Log, isIntrospectionOn: boolean, reads?: ReplicaReads): Yoga {
  return createYoga<Context>({
    schema,
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    parserAndValidationCache: { documentCache: boundedCache(), errorCache: boundedCache() },
    batching: false,
    logging: false,
    // presentErrors masks errors, after Yoga has seen their cause.
    maskedErrors: false,
    plugins: [
      ...[plannedLists(), limits(isIntrospectionOn), useExecutionCancellation(), sharedExecution()],
      ...(reads === undefined ? [] : [readsFromReplica(reads)]),
      presentErrors(log),
      ...(isTracing() ? [operationSpans()] : []),
    ],
  })
}

/** Creates a cache limited by document text, because large documents could fill the memory within a limit on the count. */
function boundedCache<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({ max: 1000, maxSize: maxCachedCharacters, sizeCalculation: (_value, text) => text.length + 1 })
}

interface Result {
  readonly errors?: readonly GraphQLError[] | undefined
}

/** Masks errors in responses and in each result of a stream. */
function presentErrors(serverLog: Log): Plugin<Context> {
  return {
    onResultProcess: ({ result, setResult, serverContext }) => {
      if (Array.isArray(result)) return
      const log = logOfRequest(serverLog, serverContext)
      setResult(Symbol.asyncIterator in result ? presentStream(result, log) : presentResult(result, log))
    },
  }
}

/** Returns a log whose lines have the id of the HTTP request, where there is one. */
function logOfRequest(log: Log, context: object): Log {
  const requestId = 'requestId' in context ? context.requestId : undefined
  return requestId === undefined ? log : log.child({ request_id: requestId })
}

/** Masked results: a result that is sent to many is masked once, and a bug in it is logged once. */
const presentedResults = new WeakMap<object, object>()

/** Returns a result with its errors as callers see them. */
export function presentResult<Presented extends Result>(result: Presented, log: Log): Presented {
  if (result.errors === undefined || result.errors.length === 0) return result
  const cached = presentedResults.get(result) as Presented | undefined
  if (cached !== undefined) return cached
  const presented = { ...result, errors: result.errors.map((error) => presentError(error, log)) }
  presentedResults.set(result, presented)
  return presented
}

function presentStream(results: AsyncIterable<ExecutionResult>, log: Log): AsyncGenerator<ExecutionResult> {
  const iterator = results[Symbol.asyncIterator]()
  async function* presented() {
    try {
      for await (const result of { [Symbol.asyncIterator]: () => iterator }) yield presentResult(result, log)
    } catch (error) {
      yield { errors: [presentError(graphqlErrorOf(error), log)] }
    }
  }
  return cancellable(presented(), () => void iterator.return?.())
}

export function graphqlErrorOf(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  const originalError = error instanceof Error ? error : new Error('Expected an Error to be thrown, got another value.')
  return new GraphQLError(originalError.message, { originalError })
}
