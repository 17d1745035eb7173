import type { ExecutionArgs, GraphQLError } from 'graphql'
import { CloseCode, makeServer, type Server, type SubscribePayload } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { AppError, type ErrorCode } from '../../../platform/errors.ts'
import type { Log } from '../../../platform/log.ts'
import { baseUrlOf, type RequestOrigin } from '../../../server/request/request-origin.ts'
import { oneKeyOf, unauthenticated } from '../../../workspaces/sent-key.ts'
import type { Viewer } from '../../../workspaces/viewer.ts'
import type { Context } from '../../execution/context.ts'
import { weigh } from '../../execution/cost-limits.ts'
import { errorJson, presentError, refusal } from '../../execution/errors.ts'
import { broadcastOf } from '../../execution/shared-execution.ts'
import { graphqlErrorOf, type Yoga } from '../../execution/yoga.ts'
import { keyOfParameters } from '../credentials.ts'
import type { Surface } from '../dependencies.ts'
import { type Broadcasts, createBroadcasts } from './broadcasts.ts'
import type { Frames } from './frames.ts'
import { isStream, payloadOf, sendResults } from './outgoing-stream.ts'

const initWithinMs = 3000
const maxOperations = 50
// Whoever replaces all of them at once has as many that are about to end.
const maxWithGivenUp = 2 * maxOperations
export const tooSlow = 4290

/** State of a socket. */
export interface SocketExtra {
  readonly socket: WebSocket
  readonly frames: Frames
  readonly reached: RequestOrigin
  /** The key that its upgrade carried, if any: `connection_init` must not hold another. */
  readonly upgradeKey: string | undefined
  /** Token of the session that its upgrade carried, which counts where no key is sent. */
  readonly sessionToken: string | undefined
  apiKey?: string
  /** Resolves when the subscriptions that were asked for so far have begun. */
  begun?: Promise<unknown>
  /** Number of running operations, those included that the client has completed and that have not ended yet. */
  operations: number
  /** Called once its key is known to be good. @throws AppError `rate_limited` */
  onAccepted(viewer: Viewer): void
  /** Closes it because its client does not read. */
  closeTooSlow(): void
}

type Enveloped = ReturnType<Yoga['getEnveloped']>

interface Operation {
  readonly id: string
  readonly enveloped: Enveloped
  readonly extra: SocketExtra
}

/** `graphql-transport-ws` with the same authentication, limits and masking as over HTTP. */
export function createSocketProtocol(surface: Surface): Server<SocketExtra> {
  const { log, whileAnswering } = surface
  const broadcasts = createBroadcasts(log)
  const operations = new WeakMap<object, Operation>()
  const operationOf = (args: ExecutionArgs): Operation => {
    const operation = operations.get(args)
    if (operation === undefined) throw new Error('An operation was started that was not prepared.')
    return operation
  }

  return makeServer<Record<string, unknown>, SocketExtra>({
    connectionInitWaitTimeout: initWithinMs,
    onConnect: ({ connectionParams, extra }) => accept(surface, connectionParams, extra),
    onSubscribe: async ({ extra, subscriptions }, id, payload) => {
      extra.operations += 1
      if (Object.keys(subscriptions).length > maxOperations || extra.operations > maxWithGivenUp)
        return [refusal('RATE_LIMITED', `A socket takes at most ${maxOperations} operations at a time.`)]
      // A throw would close the socket, with everything else that runs on it.
      try {
        const enveloped = surface.yoga.getEnveloped(await contextOf(surface, extra))
        const prepared = await prepare(enveloped, payload)
        if (!Array.isArray(prepared)) operations.set(prepared, { id, enveloped, extra })
        return prepared
      } catch (error) {
        return [graphqlErrorOf(error)]
      }
    },
    execute: (args) => orErrorOfId(() => whileAnswering(execute(operationOf(args), args))),
    subscribe: (args) => orErrorOfId(() => whileAnswering(subscribe(operationOf(args), args, broadcasts, log))),
    onNext: (_context, _id, _payload, _args, result) => payloadOf(result, log),
    onError: ({ extra }, _id, _payload, errors) => {
      const shown = errors.map((error) => errorJson(presentError(error, log)))
      if (shown.some(({ extensions }) => extensions?.['code'] === 'SLOW_SUBSCRIBER')) extra.closeTooSlow()
      return shown
    },
  })
}

/** Runs a query or mutation once the subscriptions before it have begun: its answer tells the client that they have. */
async function execute({ enveloped, extra }: Operation, args: ExecutionArgs) {
  await extra.begun
  return enveloped.execute(args)
}

function subscribe(operation: Operation, args: ExecutionArgs, broadcasts: Broadcasts, log: Log) {
  const { extra } = operation
  const beginning = begin(operation, args, broadcasts, log)
  extra.begun = Promise.allSettled([extra.begun, beginning]).then(() => undefined)
  return beginning
}

async function begin({ id, enveloped, extra }: Operation, args: ExecutionArgs, broadcasts: Broadcasts, log: Log) {
  const results = await enveloped.subscribe(args)
  if (!isStream(results)) return results
  const shared = broadcastOf(args)
  if (shared === undefined) return sendResults(id, results, extra.frames, log)
  return broadcasts.join({ ...shared, results }, { id, frames: extra.frames })
}

/** A throw would close the socket; what is thrown while results are awaited is an error of the operation's id alone. */
async function orErrorOfId<Result>(start: () => Result): Promise<Awaited<Result> | AsyncIterable<never>> {
  try {
    return await start()
  } catch (error) {
    const next = () => Promise.reject(error)
    return { [Symbol.asyncIterator]: () => ({ next }) }
  }
}

/** Temporary failures: the client is to try again, and its key is not called wrong. */
export const passing: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['unavailable', 'rate_limited'])

async function accept(
  { identify, whileAnswering }: Surface,
  parameters: Readonly<Record<string, unknown>> | undefined,
  extra: SocketExtra,
): Promise<boolean> {
  try {
    const apiKey = keyOfParameters(parameters)
    const sessionToken = extra.upgradeKey === undefined ? extra.sessionToken : undefined
    if (apiKey === undefined && sessionToken === undefined) return false
    if (apiKey !== undefined && oneKeyOf([apiKey, extra.upgradeKey]) === undefined) return false
    const { viewer } = await whileAnswering(identify({ ...extra.reached, apiKey, sessionToken }))
    if (viewer === undefined) return false
    if (apiKey !== undefined) extra.apiKey = apiKey
    extra.onAccepted(viewer)
    return true
  } catch (error) {
    if (error instanceof AppError && !passing.has(error.code)) return false
    throw error
  }
}

/** One per operation; who asks is looked up again, so that a revoked key starts nothing more. */
async function contextOf(surface: Surface, extra: SocketExtra): Promise<Context> {
  const { identify, whileAnswering, contextOf: make, config } = surface
  const { viewer } = await whileAnswering(
    identify({ ...extra.reached, apiKey: extra.apiKey, sessionToken: extra.sessionToken }),
  )
  if (viewer === undefined) throw unauthenticated()
  return make(viewer, baseUrlOf(extra.reached, config.publicUrl))
}

async function prepare(
  enveloped: Enveloped,
  payload: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const { schema, parse, validate, contextFactory } = enveloped
  const document = parse(payload.query)
  const errors: readonly GraphQLError[] = validate(schema, document)
  if (errors.length > 0) return errors
  const args: ExecutionArgs = {
    schema,
    document,
    operationName: payload.operationName || null,
    variableValues: payload.variables ?? null,
    contextValue: await contextFactory(),
  }
  const { errors: refusals } = weigh(args)
  return refusals.length > 0 ? refusals : args
}

export const unexpectedClose = CloseCode.InternalServerError
export const badMessage = CloseCode.BadRequest
