import {
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Scope } from '../../generated/prisma/enums.ts'
import { hasScope, type Viewer } from '../../workspaces/viewer.ts'
import type { Context } from './context.ts'
import { refusal } from './errors.ts'

/**
 * Makes each mutation check its selection before it runs: after an error FORBIDDEN from the selection, a caller would
 * assume that the mutation was not done.
 */
export function checkMutationSelections(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field
    if (resolve === undefined) continue
    field.resolve = (root, args, context: Context, info) => {
      checkReadable(info, context.viewer)
      return resolve(root, args, context, info)
    }
  }
  return schema
}

/** @throws FORBIDDEN */
function checkReadable(info: GraphQLResolveInfo, viewer: Viewer): void {
  const result = getNamedType(info.returnType)
  for (const { selectionSet } of info.fieldNodes) {
    const missing = [...scopesOf(result, selectionSet, info)].find((scope) => !hasScope(viewer, scope))
    if (missing !== undefined)
      throw refusal('FORBIDDEN', `This key lacks the scope ${missing}, which the selected fields require.`)
  }
}

/** Yields the scopes that a selection always requires; scopes that depend on the row are checked when it is read. */
function* scopesOf(
  type: GraphQLNamedType,
  selectionSet: SelectionSetNode | undefined,
  info: GraphQLResolveInfo,
): Generator<Scope> {
  for (const node of selectionSet?.selections ?? []) {
    if (!isIncluded(node, info)) continue
    if (node.kind !== Kind.FIELD) {
      const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : info.fragments[node.name.value]
      yield* scopesOf(typeConditionOf(fragment, info) ?? type, fragment?.selectionSet, info)
      continue
    }
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined
    if (field === undefined) continue // __typename requires no scope.
    yield* declaredScope(type)
    yield* declaredScope(field)
    yield* scopesOf(getNamedType(field.type), node.selectionSet, info)
  }
}

function isIncluded(node: SelectionNode, { variableValues }: GraphQLResolveInfo): boolean {
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variableValues)
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variableValues)
  return skip?.['if'] !== true && include?.['if'] !== false
}

function typeConditionOf(
  fragment: Pick<FragmentDefinitionNode, 'typeCondition'> | { readonly typeCondition?: undefined } | undefined,
  { schema }: GraphQLResolveInfo,
): GraphQLNamedType | undefined {
  return fragment?.typeCondition && schema.getType(fragment.typeCondition.name.value)
}

/** Returns the scope declared to Pothos; a scope that is a function depends on the row and is skipped. */
function declaredScope({ extensions }: GraphQLNamedType | GraphQLField<unknown, unknown>): Scope[] {
  const options = extensions['pothosOptions'] as { readonly authScopes?: unknown } | undefined
  const declared = options?.authScopes
  return typeof declared === 'object' && declared !== null && 'scope' in declared ? [declared.scope as Scope] : []
}
