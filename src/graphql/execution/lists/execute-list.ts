import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLResolveInfo,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  locatedError,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { AppError } from '../../../platform/errors.ts'
import { hasScope } from '../../../workspaces/viewer.ts'
import type { Context } from '../context.ts'
import { type FieldPlan, type ListPlan, planOf, type Shape } from './list-plan.ts'

/**
 * Executes queries of one list by a plan, which is made once per document: no authorization, promise or look-up for each
 * field of each row. The executor of GraphQL executes everything else, and again what fails here, for its errors.
 */
export function plannedLists(): Plugin<Context> {
  return {
    onExecute: ({ executeFn, setExecuteFn }) => {
      setExecuteFn(async (args) => (await executeList(args)) ?? executeFn(args))
    },
  }
}

async function executeList(args: ExecutionArgs): Promise<ExecutionResult | undefined> {
  const run = startRun(args)
  if (run === undefined) return undefined
  const { list } = run.plan
  try {
    const data: Shown = {}
    showField(list, args.rootValue, data, run)
    while (run.pending.length > 0) await Promise.all(run.pending.splice(0))
    return { data }
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'unavailable')) return undefined
    return { data: null, errors: [locatedError(error, list.nodes, [list.key])] }
  }
}

/** An object of the response. */
type Shown = Record<string, unknown>

interface Run {
  readonly plan: ListPlan
  readonly args: ExecutionArgs
  readonly context: Context
  readonly variables: Readonly<Record<string, unknown>>
  /** Lists that are read. */
  readonly pending: Promise<void>[]
  readonly calls: Map<FieldPlan, Call>
}

/** Arguments of a resolver, the same for all rows. */
interface Call {
  readonly args: Readonly<Record<string, unknown>>
  readonly info: GraphQLResolveInfo
}

function startRun(args: ExecutionArgs): Run | undefined {
  const { schema, document, operationName, variableValues, contextValue } = args
  const operation = getOperationAST(document, operationName)
  const plan = operation && planOf(schema, document, operation)
  const context = parseContext(contextValue)
  if (!plan || ![...plan.scopes].every((scope) => hasScope(context.viewer, scope))) return undefined
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], { ...variableValues })
  return coerced && { plan, args, context, variables: coerced, pending: [], calls: new Map() }
}

// No closure in the functions for each field and value: each call would allocate the variables that it captures.

function showField(plan: FieldPlan, parent: unknown, shown: Shown, run: Run): void {
  const { args, info } = callOf(plan, run)
  const value = plan.resolve(parent, args, run.context, info)
  if (isPromise(value)) addPending(run, showLater(plan, value, shown, run))
  else shown[plan.key] = show(plan.shape, value, run)
}

/** One that is added while others are awaited may reject before they end: nobody would handle its error. */
function addPending({ pending }: Run, showing: Promise<void>): void {
  showing.catch(() => {})
  pending.push(showing)
}

async function showLater(plan: FieldPlan, value: Promise<unknown>, shown: Shown, run: Run): Promise<void> {
  shown[plan.key] = show(plan.shape, await value, run)
}

function show(shape: Shape, value: unknown, run: Run): unknown {
  if (shape.kind === 'required') {
    if (value == null) throw new Error('Expected a value for a field that is not nullable.')
    return show(shape.inner, value, run)
  }
  if (value == null) return null
  if (shape.kind === 'leaf') return shape.serialize(value)
  if (shape.kind === 'list') return showList(shape.inner, value, run)
  const shown: Shown = { ...shape.empty }
  for (const field of shape.fields) showField(field, value, shown, run)
  return shown
}

function showList(inner: Shape, values: unknown, run: Run): unknown[] {
  if (!Array.isArray(values)) throw new Error('Expected a list.')
  return values.map((item) => show(inner, item, run))
}

function callOf(plan: FieldPlan, run: Run): Call {
  const known = run.calls.get(plan)
  if (known !== undefined) return known
  const { args, plan: list, variables } = run
  const [node] = plan.nodes
  const call = {
    args: node === undefined || plan.field.args.length === 0 ? {} : getArgumentValues(plan.field, node, variables),
    info: {
      fieldName: plan.field.name,
      fieldNodes: plan.nodes,
      returnType: plan.field.type,
      parentType: plan.parentType,
      path: plan.path,
      schema: args.schema,
      fragments: list.fragments,
      rootValue: args.rootValue,
      operation: list.operation,
      variableValues: variables,
    },
  }
  run.calls.set(plan, call)
  return call
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise
}

function parseContext(value: unknown): Context {
  return value as Context
}
