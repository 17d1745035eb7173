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
import { queryLimitErrors } from './query-limits.ts'
import { createTurns, type Turns } from './turns.ts'
import { errorsOfVariables, inShort, isStorable, unstorable } from './variables.ts'

const maxTokens = 1000
const maxComplexity = 10_000
/** What costs no more waits for no turn: a mutation, a node, a short list. */
const smallCost = 50

/** Refuses what would cost too much before anything is executed, the cheapest look first, over HTTP and WebSocket alike. */
export function limits(isIntrospectionOn: boolean, turns = createTurns()): Plugin<Context> {
  return {
    // Clients send an empty name where they mean none.
    onParams: ({ params, setParams }) => {
      if (params.operationName === '' || params.operationName === null) {
        const { operationName: _, ...others } = params
        setParams(others)
      }
    },
    onParse: ({ setParseFn }) => {
      setParseFn((source, options) => parseWithin(source, options))
    },
    onValidate: ({ addValidationRule, setValidationFn }) => {
      addValidationRule(textRule)
      if (!isIntrospectionOn) addValidationRule(NoSchemaIntrospectionCustomRule)
      setValidationFn((...[schema, document, rules]: Parameters<typeof validate>) => {
        const errors = queryLimitErrors(document)
        return errors.length > 0 ? errors : validate(schema, document, rules, inShort)
      })
    },
    onExecute: async ({ args, executeFn, setExecuteFn, setResultAndStopExecution }) => {
      const { cost, errors } = weigh(args)
      if (errors.length > 0) return setResultAndStopExecution({ errors })
      await charge(args, cost)
      if (cost > smallCost) setExecuteFn((given) => inTurn(turns, args.contextValue, () => executeFn(given)))
      return { onExecuteDone: ({ result, setResult }) => setResult(withCost(result, cost)) }
    },
    onSubscribe: async ({ args, setResultAndStopExecution }) => {
      const { cost, errors } = weigh(args)
      if (errors.length > 0) return setResultAndStopExecution({ errors })
      await charge(args, cost)
    },
  }
}

/** graphql calls too many tokens a syntax error. */
function parseWithin(...[source, options]: Parameters<typeof parse>): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens })
  } catch (error) {
    if (error instanceof GraphQLError && error.message.includes(`${maxTokens} tokens`))
      throw refusal('COST_EXCEEDED', `A document of at most ${maxTokens} tokens is expected.`)
    throw error
  }
}

/** What PostgreSQL does not take is refused in literals here, in variables before execution. */
function textRule(context: ValidationContext): ASTVisitor {
  return {
    StringValue(node) {
      if (!isStorable(node.value)) context.reportError(new GraphQLError(unstorable, { nodes: node }))
    },
  }
}

interface Weighed {
  readonly cost: number
  readonly errors: readonly GraphQLError[]
}

/** Executes what may come to much when it is its turn, and while readers leave room for it. @throws AppError `unavailable` */
function inTurn<Result>(turns: Turns, { viewer, pendingResponses }: Context, execute: () => Result) {
  return turns.take(viewer.workspaceId, () => {
    if (pendingResponses.isNearlyFull) throw unavailable()
    return execute()
  })
}

/** Takes what the operation costs off what its key may use; streams pay once. @throws RATE_LIMITED */
async function charge({ contextValue: { keyRate, viewer } }: { readonly contextValue: Context }, cost: number) {
  await keyRate.spend(viewer, Math.max(1, cost))
}

/** What the operation that runs costs, or why it may not run. */
export function weigh({ document, schema, operationName, variableValues, contextValue }: ExecutionArgs): Weighed {
  const operation = operationOf(document, operationName)
  if (operation === undefined) return { cost: 0, errors: [] }
  const variables = { ...variableValues }
  const errors = errorsOfVariables(schema, operation, variables)
  if (errors.length > 0) return { cost: 0, errors }
  const definitions = document.definitions.filter(
    (each) => each === operation || each.kind === Kind.FRAGMENT_DEFINITION,
  )
  const query = { ...document, definitions }
  const { complexity: cost } = complexityFromQuery(query, { schema, variables, ctx: Object(contextValue) })
  const message = `This operation costs ${cost}; at most ${maxComplexity} is allowed.`
  return { cost, errors: cost > maxComplexity ? [refusal('COST_EXCEEDED', message)] : [] }
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
