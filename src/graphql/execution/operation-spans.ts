import type { Span } from '@opentelemetry/api'
import { type ExecutionArgs, getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { failSpan, inSpan, startSpan } from '../../platform/tracing/tracing.ts'
import type { Context } from './context.ts'

const maxNameLength = 100

/**
 * Makes a span of each operation, named by type and name, such as `query Contacts`. Document and variables are not in
 * it. The span of a subscription ends when the stream begins.
 */
export function operationSpans(): Plugin<Context> {
  return {
    onExecute: ({ executeFn, setExecuteFn }) => setExecuteFn((args) => inOperationSpan(args, () => executeFn(args))),
    onSubscribe: ({ subscribeFn, setSubscribeFn }) =>
      setSubscribeFn((args) => inOperationSpan(args, () => subscribeFn(args))),
  }
}

async function inOperationSpan<Result>(args: ExecutionArgs, work: () => Result): Promise<Awaited<Result>> {
  const span = startOperationSpan(args)
  try {
    const result = await inSpan(span, work)
    span?.end()
    return result
  } catch (error) {
    failSpan(span, error instanceof Error ? error.name : 'Error')
    throw error
  }
}

function startOperationSpan({ document, operationName }: ExecutionArgs): Span | undefined {
  const operation = getOperationAST(document, operationName)
  const type = operation?.operation ?? 'operation'
  const name = operation?.name?.value.slice(0, maxNameLength)
  if (name === undefined) return startSpan(type, { attributes: { 'graphql.operation.type': type } })
  const attributes = { 'graphql.operation.type': type, 'graphql.operation.name': name }
  return startSpan(`${type} ${name}`, { attributes })
}
