import type { ExecutionResult, FormattedExecutionResult, GraphQLError } from 'graphql'
import { cancellable } from '../../../events/bounded-buffer.ts'
import type { Log } from '../../../platform/log.ts'
import { errorJson } from '../../execution/errors.ts'
import { presentResult } from '../../execution/yoga.ts'
import type { Frames } from './frames.ts'

export function isStream(results: unknown): results is AsyncIterable<ExecutionResult> {
  return typeof results === 'object' && results !== null && Symbol.asyncIterator in results
}

/**
 * Sends each result as a `next` message and yields none, so that graphql-ws only completes the operation: it would make
 * the text of a result anew for every subscriber.
 */
export function sendResults(
  id: string,
  results: AsyncIterable<ExecutionResult>,
  frames: Frames,
  log: Log,
): AsyncGenerator<never> {
  const iterator = results[Symbol.asyncIterator]()
  const start = `{"id":${JSON.stringify(id)},"type":"next","payload":`
  async function* sent() {
    for await (const result of { [Symbol.asyncIterator]: () => iterator }) {
      const waiting = frames.send(`${start}${resultText(result, log)}}`)
      if (waiting !== undefined) await waiting
    }
  }
  return cancellable(sent(), () => void iterator.return?.())
}

interface Result {
  readonly data?: Record<string, unknown> | null | undefined
  readonly errors?: readonly GraphQLError[] | undefined
  readonly extensions?: Record<string, unknown> | undefined
}

/** Returns the payload of a `next` message. */
export function payloadOf(result: Result, log: Log): FormattedExecutionResult {
  const { data, errors, extensions } = presentResult(result, log)
  return {
    ...(data !== undefined && { data }),
    ...(errors && { errors: errors.map(errorJson) }),
    ...(extensions && { extensions }),
  }
}

const texts = new WeakMap<ExecutionResult, string>()

/** Returns the payload as JSON; a result that many subscribers share is made text once. */
export function resultText(result: ExecutionResult, log: Log): string {
  const text = texts.get(result) ?? JSON.stringify(payloadOf(result, log))
  texts.set(result, text)
  return text
}
