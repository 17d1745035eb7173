import {
  type DocumentNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { ReplicaReads } from '../../workspaces/replica-reads.ts'
import type { Context } from './context.ts'

/**
 * Fields of Query that may be read from a replica: lists, with their counts, and statistics. Everything else, such as
 * `node` and `contact`, is read from the primary, because its id may come from an event that the replica does not have
 * yet.
 */
export const replicaFields: ReadonlySet<string> = new Set([
  'attention',
  'auditLog',
  'captureStats',
  'contacts',
  'deliveries',
  'events',
  'homeStats',
  'sources',
  'submissions',
  'webhookEndpoints',
])

/** Executes queries of lists on the replica where it may be used, and remembers who has written. */
export function readsFromReplica(reads: ReplicaReads): Plugin<Context> {
  return {
    onExecute: async ({ args, context, extendContext }) => {
      const operation = getOperationAST(args.document, args.operationName)
      if (operation?.operation === OperationTypeNode.MUTATION)
        return { onExecuteDone: () => reads.noteWrite(context.viewer) }
      if (operation != null && mayUseReplica(args.document, operation))
        extendContext({ database: await reads.databaseFor(context.viewer) })
      return undefined
    },
  }
}

/** Documents are cached, so an operation is looked at once. */
const known = new WeakMap<OperationDefinitionNode, boolean>()

/** Returns whether a query reads nothing but fields that a replica may serve. */
export function mayUseReplica(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const cached = known.get(operation)
  if (cached !== undefined) return cached
  const names = rootFields(document, operation.selectionSet)
  const may = operation.operation === OperationTypeNode.QUERY && names.every((name) => replicaFields.has(name))
  known.set(operation, may)
  return may
}

/** Returns the fields of the root, those in fragments included. The document is valid, so fragments have no cycle. */
function rootFields(document: DocumentNode, { selections }: SelectionSetNode): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value]
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootFields(document, selection.selectionSet)
    const fragment = document.definitions.find(
      (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === selection.name.value,
    )
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? rootFields(document, fragment.selectionSet) : []
  })
}
