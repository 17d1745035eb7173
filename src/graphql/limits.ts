import { complexityFromQuery } from '@pothos/plugin-complexity'
import {
  type ASTVisitor,
  type DocumentNode,
  type ExecutionArgs,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from './context.ts'
import { refusal } from './errors.ts'

const maxTokens = 1000
// Introspection is about 15 deep.
const maxDepth = 16
const maxAliases = 15
const maxDirectives = 20
const maxRootFields = 20
const maxComplexity = 10_000

/** Refuses what would cost too much before anything is executed, over HTTP and WebSocket alike. */
export function limits(): Plugin<Context> {
  return {
    onParse: ({ setParseFn }) => {
      setParseFn((source, options) => parse(source, { ...options, maxTokens }))
    },
    onValidate: ({ addValidationRule }) => {
      addValidationRule(shapeRule)
      addValidationRule(textRule)
    },
    onExecute: async ({ args }) => {
      const cost = await chargeOperation(args)
      return { onExecuteDone: ({ result, setResult }) => setResult(withCost(result, cost)) }
    },
    onSubscribe: async ({ args }) => {
      await chargeOperation(args)
    },
  }
}

/** Depth, aliases, directives and root fields of each operation, its fragments counted where they are spread. */
function shapeRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const shape = measure(context, operation)
      for (const [name, limit] of Object.entries(shapeLimits))
        if (shape[name as keyof Shape] > limit)
          context.reportError(
            refusal('COST_EXCEEDED', `An operation has at most ${limit} ${limitNames[name as keyof Shape]}.`),
          )
    },
  }
}

interface Shape {
  depth: number
  aliases: number
  directives: number
  rootFields: number
}

const shapeLimits: Shape = {
  depth: maxDepth,
  aliases: maxAliases,
  directives: maxDirectives,
  rootFields: maxRootFields,
}
const limitNames: Record<keyof Shape, string> = {
  depth: 'levels',
  aliases: 'aliases',
  directives: 'directives',
  rootFields: 'root fields',
}

function measure(context: ValidationContext, { selectionSet, directives = [] }: OperationDefinitionNode): Shape {
  const measured = new Map<string, Shape>()
  const under = new Set<string>()

  const ofSelections = ({ selections }: SelectionSetNode): Shape => {
    const total: Shape = { depth: 0, aliases: 0, directives: 0, rootFields: 0 }
    for (const selection of selections) {
      const inner = ofSelection(selection)
      total.depth = Math.max(total.depth, inner.depth)
      total.aliases += inner.aliases
      total.directives += inner.directives + (selection.directives?.length ?? 0)
      total.rootFields += inner.rootFields
    }
    return total
  }

  const ofSelection = (selection: SelectionSetNode['selections'][number]): Shape => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return ofSelections(selection.selectionSet)
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(context.getFragment(selection.name.value))
    const inner = selection.selectionSet ? ofSelections(selection.selectionSet) : nothing
    return { ...inner, depth: inner.depth + 1, aliases: inner.aliases + (selection.alias ? 1 : 0), rootFields: 1 }
  }

  /** A fragment that spreads itself is another rule's to refuse. */
  const ofFragment = (fragment: FragmentDefinitionNode | null | undefined): Shape => {
    if (fragment == null || under.has(fragment.name.value)) return nothing
    const { value: name } = fragment.name
    under.add(name)
    const shape = measured.get(name) ?? ofSelections(fragment.selectionSet)
    under.delete(name)
    measured.set(name, shape)
    return shape
  }

  const shape = ofSelections(selectionSet)
  return { ...shape, directives: shape.directives + directives.length }
}

const nothing: Shape = { depth: 0, aliases: 0, directives: 0, rootFields: 0 }

/** PostgreSQL takes neither U+0000 nor lone surrogates: refused in literals here, in variables before execution. */
function textRule(context: ValidationContext): ASTVisitor {
  return {
    StringValue(node) {
      if (!isStorable(node.value)) context.reportError(new GraphQLError(unstorable, { nodes: node }))
    },
  }
}

const unstorable = 'Text must be without U+0000 and without lone surrogates.'

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\u0000')
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every(isStorable)
}

/** Takes what the operation costs off what its key may use; streams pay once. @throws as `checkOperation`, RATE_LIMITED */
async function chargeOperation(args: ExecutionArgs & { readonly contextValue: Context }): Promise<number> {
  const cost = checkOperation(args)
  await args.contextValue.keyRate.spend(args.contextValue.viewer, Math.max(1, cost))
  return cost
}

/** What the operation that runs costs; nothing where there is none. @throws BAD_USER_INPUT, COST_EXCEEDED */
function checkOperation({ document, schema, operationName, variableValues, contextValue }: ExecutionArgs): number {
  if (!isStorable(variableValues)) throw refusal('BAD_USER_INPUT', unstorable)
  const operation = operationOf(document, operationName)
  if (operation === undefined) return 0
  const definitions = document.definitions.filter(
    (each) => each === operation || each.kind === Kind.FRAGMENT_DEFINITION,
  )
  const query = { ...document, definitions }
  const { complexity } = complexityFromQuery(query, {
    schema,
    variables: { ...variableValues },
    ctx: Object(contextValue),
  })
  if (complexity > maxComplexity)
    throw refusal('COST_EXCEEDED', `This operation costs ${complexity}; at most ${maxComplexity} is allowed.`)
  return complexity
}

/** Tells the cost in `extensions`; what was refused before it ran has cost nothing. Streams tell none with each result. */
function withCost<Answer extends object>(answer: Answer, cost: number): Answer {
  if (!('data' in answer)) return answer
  return { ...answer, extensions: { ...('extensions' in answer && Object(answer.extensions)), cost } }
}

/** The one that runs; graphql itself refuses a name that is unknown or missing. */
function operationOf(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  return name == null ? operations[0] : operations.find((each) => each.name?.value === name)
}
