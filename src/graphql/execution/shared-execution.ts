import { createHash } from 'node:crypto'
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  visit,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { cancellable } from '../../events/bounded-buffer.ts'
import type { Context } from './context.ts'

/**
 * Executes a subscription once per event for all subscribers with the same operation, variables and rights, over
 * WebSocket and SSE. Each has a source of its own and is slow or fast by itself; what they share is the item that comes
 * out of their sources, one object for all, and what the operation makes of it.
 */
export function sharedExecution(): Plugin<Context> {
  return { onSubscribe: ({ args, setSubscribeFn }) => setSubscribeFn(() => subscribeShared(args, args.contextValue)) }
}

type Result = Promise<ExecutionResult>

/** By item, then by operation: forgotten as soon as no buffer holds the item any more. */
const results = new WeakMap<object, Map<string, Result>>()

/** A stream of results, or why there is none. The rights are those of the context's viewer. */
export async function subscribeShared(
  args: ExecutionArgs,
  context: Context,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args)
  if (!isIterable(source)) return source
  const items = source[Symbol.asyncIterator]()
  const key = keyOf(args, context)
  async function* executed() {
    for await (const item of { [Symbol.asyncIterator]: () => items }) yield await resultOf(itemOf(item), key, args)
  }
  return cancellable(executed(), () => void items.return?.())
}

function isIterable(source: AsyncIterable<unknown> | ExecutionResult): source is AsyncIterable<unknown> {
  return Symbol.asyncIterator in source
}

function itemOf(item: unknown): object {
  if (typeof item !== 'object' || item === null) throw new Error('A subscription is told of objects.')
  return item
}

function resultOf(item: object, key: string, args: ExecutionArgs): Result {
  const known = results.get(item) ?? new Map<string, Result>()
  results.set(item, known)
  const result = known.get(key) ?? Promise.resolve(execute({ ...args, rootValue: item }))
  known.set(key, result)
  return result
}

/** The same for those who are told the same: what they ask, in which workspace, with which rights, and from where. */
function keyOf({ document, operationName, variableValues }: ExecutionArgs, { viewer, baseUrl }: Context): string {
  const operation = getOperationAST(document, operationName)
  if (operation == null) throw new Error('A subscription without an operation has started.')
  const asked = withoutStart(document, operation)
  const used = usedVariables(asked)
  const variables = Object.entries(variableValues ?? {}).filter(([name]) => used.has(name))
  const text = [print(asked), ...(operation.variableDefinitions ?? []).map(print)]
  const rights = [viewer.workspaceId, [...viewer.scopes].sort(), baseUrl]
  return createHash('sha256')
    .update(JSON.stringify([rights, text, variables]))
    .digest('base64')
}

/** `after` says where a subscriber begins, not what it is told: whoever resumes shares with those who were there. */
function withoutStart(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
  const selections = operation.selectionSet.selections.map(withoutAfter)
  const asked = { ...operation, variableDefinitions: [], selectionSet: { ...operation.selectionSet, selections } }
  return { kind: Kind.DOCUMENT, definitions: [asked, ...fragments] }
}

function withoutAfter(selection: SelectionNode): SelectionNode {
  if (selection.kind !== Kind.FIELD || selection.arguments === undefined) return selection
  return { ...selection, arguments: selection.arguments.filter(({ name }) => name.value !== 'after') }
}

function usedVariables(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>()
  visit(document, { Variable: ({ name }) => void names.add(name.value) })
  return names
}
