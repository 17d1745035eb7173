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
 * WebSocket and SSE. Each subscriber has its own source, so a slow one does not delay others. They share the item that
 * their sources yield, one object for all, and the result of executing the operation on it.
 */
export function sharedExecution(): Plugin<Context> {
  return { onSubscribe: ({ args, setSubscribeFn }) => setSubscribeFn(() => subscribeShared(args, args.contextValue)) }
}

type Result = Promise<ExecutionResult>

/** Results by item, then by operation; an entry is collected as soon as no buffer holds the item. */
const results = new WeakMap<object, Map<string, Result>>()

/** Returns a stream of results, or the errors if there is none. The context's viewer determines the rights. */
export async function subscribeShared(
  args: ExecutionArgs,
  context: Context,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args)
  if (!isIterable(source)) return source
  // A client that subscribes, then reads a list, must find in the list all that happened before its stream began.
  await context.reads?.noteShown(context.viewer)
  const items = source[Symbol.asyncIterator]()
  const key = keyOf(args, context)
  if (!beginsAtCursor(args)) sharedStreams.set(context, { key, workspaceId: context.viewer.workspaceId })
  async function* executed() {
    for await (const item of { [Symbol.asyncIterator]: () => items }) {
      void context.reads?.noteShown(context.viewer)
      yield await resultOf(itemOf(item), key, args)
    }
  }
  return cancellable(executed(), () => void items.return?.())
}

function isIterable(source: AsyncIterable<unknown> | ExecutionResult): source is AsyncIterable<unknown> {
  return Symbol.asyncIterator in source
}

function itemOf(item: unknown): object {
  if (typeof item !== 'object' || item === null) throw new Error('Expected a subscription to yield objects.')
  return item
}

function resultOf(item: object, key: string, args: ExecutionArgs): Result {
  const cached = results.get(item) ?? new Map<string, Result>()
  results.set(item, cached)
  const result = cached.get(key) ?? Promise.resolve(execute({ ...args, rootValue: item }))
  cached.set(key, result)
  return result
}

interface SharedStream {
  readonly key: string
  readonly workspaceId: string
}

/** Subscriptions that begin now, by their contexts. */
const sharedStreams = new WeakMap<object, SharedStream>()

/**
 * Returns the key of an operation that was subscribed to: those with the same one have the same results from now on.
 * Undefined for a stream that begins at a cursor.
 */
export function broadcastOf({ contextValue }: ExecutionArgs): SharedStream | undefined {
  return sharedStreams.get(Object(contextValue))
}

/** Whether an argument `after` may have a value, at any depth: a stream too many of its own does no harm. */
function beginsAtCursor({ document, variableValues }: ExecutionArgs): boolean {
  let mayBegin = false
  const defaulted = new Set<string>()
  visit(document, {
    VariableDefinition: ({ variable, defaultValue }) => void (defaultValue && defaulted.add(variable.name.value)),
    Argument: ({ name, value }) => {
      if (name.value !== 'after' || value.kind === Kind.NULL) return
      const isUnset =
        value.kind === Kind.VARIABLE && variableValues?.[value.name.value] == null && !defaulted.has(value.name.value)
      if (!isUnset) mayBegin = true
    },
  })
  return mayBegin
}

/** Returns the cache key: operation, variables, workspace, scopes and base URL. */
function keyOf({ document, operationName, variableValues }: ExecutionArgs, { viewer, baseUrl }: Context): string {
  const operation = getOperationAST(document, operationName)
  if (operation == null) throw new Error('Expected an operation in the document of a subscription.')
  const selected = withoutCursor(document, operation)
  const used = usedVariables(selected)
  const variables = Object.entries(variableValues ?? {}).filter(([name]) => used.has(name))
  const text = [print(selected), ...(operation.variableDefinitions ?? []).map(print)]
  const rights = [viewer.workspaceId, [...viewer.scopes].sort(), baseUrl]
  return createHash('sha256')
    .update(JSON.stringify([rights, text, variables]))
    .digest('base64')
}

/** Removes `after`: it sets only the start of a stream, so subscribers that resume share results with the others. */
function withoutCursor(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
  const selections = operation.selectionSet.selections.map(withoutAfter)
  const selected = { ...operation, variableDefinitions: [], selectionSet: { ...operation.selectionSet, selections } }
  return { kind: Kind.DOCUMENT, definitions: [selected, ...fragments] }
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
