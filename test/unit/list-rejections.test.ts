import { setTimeout } from 'node:timers/promises'
import { buildSchema, type ExecutionArgs, type ExecutionResult, parse } from 'graphql'
import { expect, it, onTestFinished } from 'vitest'
import { plannedLists } from '../../src/graphql/execution/lists/execute-list.ts'
import { unavailable } from '../../src/platform/errors.ts'

const schema = buildSchema(`
  type Query { contacts: [Contact!]! }
  type Contact { submissions: [Submission!]! others: [Submission!]! }
  type Submission { id: ID submissions: [Submission!]! }
`)
const document = parse('{ contacts { submissions { submissions { id } } others { id } } }')

type Execute = (args: ExecutionArgs) => Promise<ExecutionResult>

/** Returns the executor that the plugin sets; it rejects what it does not plan. */
function plannedExecutor(): Execute {
  const set: Execute[] = []
  const executeFn = () => Promise.reject(new Error('Expected a planned operation.'))
  Reflect.apply(plannedLists().onExecute!, undefined, [{ executeFn, setExecuteFn: (fn: Execute) => set.push(fn) }])
  return set[0]!
}

it('a nested list that fails while another one is still read is an error of the operation, and no other', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  const { promise: others, resolve: endOthers } = Promise.withResolvers<unknown[]>()
  const failing = Promise.reject(unavailable())
  failing.catch(() => {}) // The promises of the executor are the ones to handle.
  const submissions = setTimeout(1, [{ submissions: failing }])
  const contact = { submissions, others }
  schema.getQueryType()!.getFields()['contacts']!.resolve = async () => [contact]
  const contextValue = { viewer: { scopes: new Set() } }
  const executing = Promise.allSettled([plannedExecutor()({ schema, document, contextValue })])
  await submissions
  await setTimeout(1) // By then Node has reported each rejection that nobody handles.
  expect(unhandled).toEqual([])
  endOthers([])
  const [{ value }] = (await executing) as [{ value?: ExecutionResult }]
  expect(value).toMatchObject({ data: null, errors: [{ originalError: { code: 'unavailable' } }] })
})
