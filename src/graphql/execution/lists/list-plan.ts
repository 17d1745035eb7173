import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
} from 'graphql'
import { Scope } from '../../../generated/prisma/enums.ts'

/** Lists that are planned: with everything below them, they read only their rows and other planned lists. */
const plannedLists: ReadonlySet<string> = new Set(['contacts'])
/** Types whose fields read nothing but the object that they are fields of, or a nested list. */
const plannedTypes: ReadonlySet<string> = new Set([
  ...['Contact', 'ContactConnection', 'ContactEdge', 'Submission', 'SubmissionConnection', 'SubmissionEdge'],
  ...['Attribution', 'Count', 'FieldChange', 'PageInfo'],
])

export type Resolver = GraphQLFieldResolver<unknown, unknown>

/** A query of one list whose selection is prepared once per document. */
export interface ListPlan {
  readonly list: FieldPlan
  readonly operation: OperationDefinitionNode
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>
  /** Scopes that the selected types and fields require. */
  readonly scopes: ReadonlySet<Scope>
}

export interface FieldPlan {
  /** Name in the response. */
  readonly key: string
  readonly nodes: readonly FieldNode[]
  readonly parentType: GraphQLObjectType
  readonly field: GraphQLField<unknown, unknown>
  readonly resolve: Resolver
  readonly shape: Shape
}

/** The shape of a value, by which it is completed. */
export type Shape =
  | { readonly kind: 'leaf'; readonly serialize: (value: unknown) => unknown }
  | { readonly kind: 'object'; readonly fields: readonly FieldPlan[] }
  | { readonly kind: 'list'; readonly inner: Shape }
  | { readonly kind: 'required'; readonly inner: Shape }

const plans = new WeakMap<OperationDefinitionNode, ListPlan | 'none'>()

/** Returns the plan of an operation; undefined if it is not a plain query of one list. */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ListPlan | undefined {
  const known = plans.get(operation) ?? createPlan(schema, document, operation) ?? 'none'
  plans.set(operation, known)
  return known === 'none' ? undefined : known
}

function createPlan(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
  const type = schema.getQueryType()
  if (type == null || operation.operation !== OperationTypeNode.QUERY || operation.directives?.length) return undefined
  const definitions = document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION)
  const fragments = Object.fromEntries(definitions.map((each) => [each.name.value, each]))
  const scopes = new Set<Scope>()
  const [selected, ...others] = nodesByKey(type, [operation.selectionSet], fragments) ?? []
  const [key, nodes] = selected ?? ['', []]
  const field = type.getFields()[nodes[0]?.name.value ?? '']
  if (field?.resolve === undefined || others.length > 0 || !plannedLists.has(field.name)) return undefined
  const shape = shapeOf(field.type, nodes, fragments, scopes)
  const list = shape && { key, nodes, parentType: type, field, resolve: field.resolve, shape }
  return list && { list, operation, fragments, scopes }
}

type Fragments = ListPlan['fragments']

function shapeOf(
  type: GraphQLOutputType,
  nodes: readonly FieldNode[],
  fragments: Fragments,
  scopes: Set<Scope>,
): Shape | undefined {
  if (isNonNullType(type) || isListType(type)) {
    const inner = shapeOf(type.ofType, nodes, fragments, scopes)
    if (inner === undefined) return undefined
    return isListType(type) ? { kind: 'list', inner } : { kind: 'required', inner }
  }
  if (isLeafType(type)) return { kind: 'leaf', serialize: (value) => type.serialize(value) }
  if (!isObjectType(type) || !plannedTypes.has(type.name) || !addScopes(type, scopes)) return undefined
  const selections = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
  const fields = nodesByKey(type, selections, fragments)?.map((entry) => fieldPlanOf(type, entry, fragments, scopes))
  return fields?.every((field) => field !== undefined) ? { kind: 'object', fields } : undefined
}

function fieldPlanOf(
  parentType: GraphQLObjectType,
  [key, nodes]: Entry,
  fragments: Fragments,
  scopes: Set<Scope>,
): FieldPlan | undefined {
  const name = nodes[0]?.name.value ?? ''
  const field = name === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef : parentType.getFields()[name]
  const resolve = field && resolverOf(parentType, field)
  if (field === undefined || resolve === undefined || !addScopes(field, scopes)) return undefined
  const shape = shapeOf(field.type, nodes, fragments, scopes)
  return shape && { key, nodes, parentType, field, resolve, shape }
}

type Entry = readonly [key: string, nodes: readonly FieldNode[]]

/** Merges the fields of selections by their names in the response; undefined with directives and other types. */
function nodesByKey(
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
  fragments: Fragments,
): Entry[] | undefined {
  const merged = new Map<string, FieldNode[]>()
  const visited = new Set<string>()
  const merge = ({ selections }: SelectionSetNode): boolean =>
    selections.every((selection) => {
      if (selection.directives?.length) return false
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value
        merged.set(key, [...(merged.get(key) ?? []), selection])
        return key !== '__proto__'
      }
      if (selection.kind === Kind.INLINE_FRAGMENT)
        return isOfType(selection.typeCondition?.name.value) && merge(selection.selectionSet)
      const name = selection.name.value
      const fragment = fragments[name]
      if (fragment === undefined || visited.has(name)) return fragment !== undefined
      visited.add(name)
      return !fragment.directives?.length && isOfType(fragment.typeCondition.name.value) && merge(fragment.selectionSet)
    })
  const isOfType = (condition = type.name) => condition === type.name
  return selectionSets.every(merge) ? [...merged] : undefined
}

/** Adds the scopes that Pothos checks for a type or a field; returns false if it checks more than scopes. */
function addScopes({ extensions }: Pick<GraphQLObjectType, 'extensions'>, scopes: Set<Scope>): boolean {
  const options = Object(extensions['pothosOptions'])
  const required: unknown = options.authScopes ?? {}
  const isPlain = !['grantScopes', 'skipTypeScopes', 'skipInterfaceScopes', 'validate', 'errors'].some(
    (name) => options[name] !== undefined,
  )
  if (!isPlain || typeof required !== 'object' || required === null) return false
  for (const [name, scope] of Object.entries(required)) {
    if (name !== 'scope' || !isScope(scope)) return false
    scopes.add(scope)
  }
  return true
}

function isScope(value: unknown): value is Scope {
  return typeof value === 'string' && Object.hasOwn(Scope, value)
}

/** Returns the resolver of a field without Pothos' checks around it; undefined if it loads other rows by Prisma. */
function resolverOf(parentType: GraphQLObjectType, { name, extensions }: GraphQLField<unknown, unknown>) {
  if (name === TypeNameMetaFieldDef.name) return () => parentType.name
  const isNodeId = name === 'id' && parentType.getInterfaces().some((each) => each.name === 'Node')
  // Pothos encodes ids in a promise; ours are the ids of the rows (builder.ts).
  if (isNodeId) return propertyOf('id')
  const isRelation = 'pothosPrismaSelect' in extensions && !('pothosExposedField' in extensions)
  return isRelation ? undefined : (parseResolver(extensions['pothosOriginalResolve']) ?? propertyOf(name))
}

function propertyOf(name: string): Resolver {
  return (parent) => Object(parent)[name]
}

function parseResolver(value: unknown): Resolver | undefined {
  return typeof value === 'function' ? (value as Resolver) : undefined
}
