import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql'
import { createYoga, type Plugin, useExecutionCancellation, type YogaServerInstance } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import { cancellable } from '../../events/bounded-buffer.ts'
import type { Log } from '../../platform/log.ts'
import type { Context } from './context.ts'
import { presentError } from './errors.ts'
import { limits } from './limits.ts'
import { sharedExecution } from './shared-execution.ts'

const maxCachedCharacters = 4_000_000

export type Yoga = YogaServerInstance<Context, object>

/** Executes operations, for HTTP, SSE and WebSocket. Who asks is known before it comes here. */
export function buildYoga(schema: GraphQLSchema, log: Log, isIntrospectionOn: boolean): Yoga {
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
    // Errors are masked by presentErrors, after Yoga has seen what they came of.
    maskedErrors: false,
    plugins: [limits(isIntrospectionOn), useExecutionCancellation(), sharedExecution(), presentErrors(log)],
  })
}

/** By document text: a count alone would let a caller fill the memory with large ones. */
function boundedCache<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({ max: 1000, maxSize: maxCachedCharacters, sizeCalculation: (_value, text) => text.length + 1 })
}

interface Result {
  readonly errors?: readonly GraphQLError[] | undefined
}

/** Shows callers no more of an error than they may see, in answers and in each result of a stream. */
function presentErrors(log: Log): Plugin<Context> {
  return {
    onResultProcess: ({ result, setResult }) => {
      if (Array.isArray(result)) return
      setResult(Symbol.asyncIterator in result ? presentStream(result, log) : presentResult(result, log))
    },
  }
}

/** What results look like to callers: one that is sent to many is looked at once, and a bug in it logged once. */
const shown = new WeakMap<object, object>()

/** A result with its errors as callers get them. */
export function presentResult<Shown extends Result>(result: Shown, log: Log): Shown {
  if (result.errors === undefined || result.errors.length === 0) return result
  const known = shown.get(result) as Shown | undefined
  if (known !== undefined) return known
  const presented = { ...result, errors: result.errors.map((error) => presentError(error, log)) }
  shown.set(result, presented)
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
  const originalError = error instanceof Error ? error : new Error('Something was thrown that is no error.')
  return new GraphQLError(originalError.message, { originalError })
}
