import { complexityFromQuery } from '@pothos/plugin-complexity'
import {
  type ASTVisitor,
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  type ValidationContext,
  validate,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { unavailable } from '../../platform/errors.ts'
import type { Context } from './context.ts'
import { refusal } from './errors.ts'
import { queryLimitErrors } from './query-shape-limits.ts'
import { createTurns, type Turns } from './turns.ts'
import { checkVariables, isStorable, unstorable, validationOptions } from './variables.ts'

const maxTokens = 1000
const maxComplexity = 10_000
/** Cost up to which an operation does not wait for a turn: a mutation, a node, a short list. */
const smallCost = 50

/** Refuses too expensive operations before execution, with the cheapest check first, over HTTP and WebSocket. */
export function limits(isIntrospectionOn: boolean, turns = createTurns()): Plugin<Context> {
  return {
    onParams: ({ params, setParams }) => {
      checkNameType(params.operationName)
      // Some clients send an empty name instead of none.
      if (params.operationName === '' || params.operationName === null) {
        const { operationName: _, ...others } = params
        setParams(others)
      }
    },
    onParse: ({ setParseFn }) => {
      setParseFn((source, options) => parseWithLimit(source, options))
    },
    onValidate: ({ addValidationRule, setValidationFn }) => {
      addValidationRule(textRule)
      if (!isIntrospectionOn) addValidationRule(NoSchemaIntrospectionCustomRule)
      setValidationFn((...[schema, document, rules]: Parameters<typeof validate>) => {
        const errors = queryLimitErrors(document)
        return errors.length > 0 ? errors : validate(schema, document, rules, validationOptions)
      })
    },
    onExecute: async ({ args, executeFn, setExecuteFn, setResultAndStopExecution }) => {
      const { executed } = args.contextValue
      if (executed?.kind === 'thrown') throw executed.error
      if (executed !== undefined) return setResultAndStopExecution(executed.result)
      const { cost, errors } = weigh(args)
      if (errors.length > 0) return setResultAndStopExecution({ errors })
      await charge(args, cost)
      if (cost > smallCost) setExecuteFn((given) => executeInTurn(turns, args.contextValue, () => executeFn(given)))
      return { onExecuteDone: ({ result, setResult }) => setResult(withCost(result, cost)) }
    },
    onSubscribe: async ({ args, setResultAndStopExecution }) => {
      const { cost, errors } = weigh(args)
      if (errors.length > 0) return setResultAndStopExecution({ errors })
      await charge(args, cost)
    },
  }
}

/** Yoga checks the types of the other parameters itself. @throws BAD_REQUEST */
function checkNameType(name: unknown): void {
  if (name == null || typeof name === 'string') return
  const extensions = { code: 'BAD_REQUEST', http: { status: 400 } }
  throw new GraphQLError('The parameter operationName must be a string.', { extensions })
}

/** Parses within the token limit, which graphql reports as a syntax error. */
function parseWithLimit(...[source, options]: Parameters<typeof parse>): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens })
  } catch (error) {
    if (error instanceof GraphQLError && error.message.includes(`${maxTokens} tokens`))
      throw refusal('COST_EXCEEDED', `A document may have at most ${maxTokens} tokens.`)
    throw error
  }
}

/** Refuses literals that PostgreSQL cannot store; variables are checked before execution. */
function textRule(context: ValidationContext): ASTVisitor {
  return {
    StringValue(node) {
      if (!isStorable(node.value)) context.reportError(new GraphQLError(unstorable, { nodes: node }))
    },
  }
}

/** Costs of operations without variables that are within the limit. */
const constantCosts = new WeakMap<OperationDefinitionNode, number>()

interface CostCheck {
  readonly cost: number
  readonly errors: readonly GraphQLError[]
}

/** Executes an expensive operation in its turn, if pending responses leave memory for it. @throws AppError `unavailable` */
function executeInTurn<Result>(turns: Turns, { viewer, pendingResponses }: Context, execute: () => Result) {
  return turns.run(viewer.workspaceId, () => {
    if (pendingResponses.isNearlyFull) throw unavailable()
    return execute()
  })
}

/** Charges the operation's cost to the rate limit of its key; a stream is charged once. @throws RATE_LIMITED */
async function charge({ contextValue: { keyRate, viewer } }: { readonly contextValue: Context }, cost: number) {
  await keyRate.spend(viewer, Math.max(1, cost))
}

/** Returns the cost of the operation to run, or the errors for which it must not run. */
export function weigh({ document, schema, operationName, variableValues, contextValue }: ExecutionArgs): CostCheck {
  const operation = operationOf(document, operationName)
  if (operation === undefined) return { cost: 0, errors: [] }
  const variables = { ...variableValues }
  // Documents are cached, so the cost of an operation without variables is computed once.
  const isConstant = Object.keys(variables).length === 0 && !operation.variableDefinitions?.length
  const known = isConstant ? constantCosts.get(operation) : undefined
  if (known !== undefined) return { cost: known, errors: [] }
  const errors = checkVariables(schema, operation, variables)
  if (errors.length > 0) return { cost: 0, errors }
  const definitions = document.definitions.filter(
    (each) => each === operation || each.kind === Kind.FRAGMENT_DEFINITION,
  )
  const query = { ...document, definitions }
  const { complexity: cost } = complexityFromQuery(query, { schema, variables, ctx: Object(contextValue) })
  const message = `This operation costs ${cost}; at most ${maxComplexity} is allowed.`
  if (cost > maxComplexity) return { cost, errors: [refusal('COST_EXCEEDED', message)] }
  if (isConstant) constantCosts.set(operation, cost)
  return { cost, errors: [] }
}

/** Adds the cost to `extensions`; an operation that was refused costs nothing. Results of streams do not include it. */
function withCost<Result extends object>(result: Result, cost: number): Result {
  if (!('data' in result)) return result
  return { ...result, extensions: { ...('extensions' in result && Object(result.extensions)), cost } }
}

/** Returns the operation to run; graphql itself refuses an unknown or missing name. */
function operationOf(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  return name == null ? operations[0] : operations.find((each) => each.name?.value === name)
}
