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
  const field = info.parentType.getFields()[info.fieldName]
  const result = { type: getNamedType(info.returnType), grants: field === undefined ? [] : grantsOf(field) }
  for (const { selectionSet } of info.fieldNodes) {
    const missing = [...scopesOf(result, selectionSet, info)].find((scope) => !hasScope(viewer, scope))
    if (missing !== undefined)
      throw refusal('FORBIDDEN', `This key lacks the scope ${missing}, which the selected fields require.`)
  }
}

/** A type in the response, and what the field that returns it grants. */
interface Returned {
  readonly type: GraphQLNamedType
  readonly grants: readonly string[]
}

/** Yields the scopes that a selection always requires; scopes that depend on the row are checked when it is read. */
function* scopesOf(
  { type, grants }: Returned,
  selectionSet: SelectionSetNode | undefined,
  info: GraphQLResolveInfo,
): Generator<Scope> {
  for (const node of selectionSet?.selections ?? []) {
    if (!isIncluded(node, info)) continue
    if (node.kind !== Kind.FIELD) {
      const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : info.fragments[node.name.value]
      yield* scopesOf({ type: typeConditionOf(fragment, info) ?? type, grants }, fragment?.selectionSet, info)
      continue
    }
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined
    if (field === undefined) continue // __typename requires no scope.
    yield* declaredScope(type, grants)
    yield* declaredScope(field, grants)
    yield* scopesOf({ type: getNamedType(field.type), grants: grantsOf(field) }, node.selectionSet, info)
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

type Declared = GraphQLNamedType | GraphQLField<unknown, unknown>

/** Returns the scope declared to Pothos, unless a grant replaces it; one that is a function depends on the row. */
function declaredScope(declared: Declared, grants: readonly string[]): Scope[] {
  const { authScopes } = optionsOf(declared)
  if (typeof authScopes !== 'object' || authScopes.scope === undefined) return []
  const isGranted = authScopes.$granted !== undefined && grants.includes(authScopes.$granted)
  return isGranted ? [] : [authScopes.scope]
}

function grantsOf(field: Declared): readonly string[] {
  return optionsOf(field).grantScopes ?? []
}

interface AuthOptions {
  readonly authScopes?: (() => unknown) | { readonly scope?: Scope; readonly $granted?: string }
  readonly grantScopes?: readonly string[]
}

/** Returns the options of a type or a field as Pothos keeps them. */
function optionsOf({ extensions }: Declared): AuthOptions {
  return (extensions['pothosOptions'] ?? {}) as AuthOptions
}
