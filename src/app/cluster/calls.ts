import { withTimeout } from '../../platform/timeout.ts'
import type { Reply } from './messages.ts'

/** Questions over a channel of messages, and their replies. */
export interface Calls<Request> {
  /** @throws AppError `unavailable` when no reply comes in time */
  ask<Value>(request: Request, timeoutMs?: number): Promise<Value>
  receive(reply: Reply): void
}

const replyTimeoutMs = 1000

export function createCalls<Request>(
  send: (message: { readonly type: 'ask'; readonly id: number; readonly request: Request }) => void,
): Calls<Request> {
  const waiting = new Map<number, (value: unknown) => void>()
  let lastId = 0
  return {
    ask: async <Value>(request: Request, timeoutMs = replyTimeoutMs) => {
      lastId += 1
      const id = lastId
      const replied = new Promise<unknown>((resolve) => waiting.set(id, resolve))
      send({ type: 'ask', id, request })
      return withTimeout(replied.then(parseReply<Value>), timeoutMs).finally(() => waiting.delete(id))
    },
    receive: ({ id, value }) => waiting.get(id)?.(value),
  }
}

/** Trusts the reply: both ends run the same code. */
function parseReply<Value>(value: unknown): Value {
  return value as Value
}
