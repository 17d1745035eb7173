import { MessageType, parseMessage } from 'graphql-ws'
import type { RawData, WebSocket } from 'ws'
import { quoteLongNumbers } from '../../../platform/text/long-numbers.ts'
import type { SocketExtra } from './protocol.ts'

const maxWaitingBytes = 8 * 1024 * 1024

interface Handlers {
  /** Resolves when all that the message asked for has been answered. */
  handle(message: string): Promise<void>
  onFailure(error: unknown): void
  /** A message that only servers send. */
  onNonsense(): void
  /** Called when too many bytes of requests wait for results that the client does not read. */
  onTooMuch(): void
}

/** Hands messages over as they come, and counts the operations and the bytes that are not answered in full yet. */
export function receiveMessages(socket: WebSocket, extra: SocketExtra, handlers: Handlers): void {
  let waitingBytes = 0

  const receive = async (message: string) => {
    const running = extra.operations
    // An operation is counted before anything is awaited: one more by now is this message's.
    const handled = handlers.handle(message)
    const begun = extra.operations - running
    waitingBytes += message.length
    await handled.catch((error: unknown) => (isOfServers(message) ? handlers.onNonsense() : handlers.onFailure(error)))
    waitingBytes -= message.length
    extra.operations -= begun
  }

  socket.on('message', (data: RawData) => {
    if (waitingBytes > maxWaitingBytes) handlers.onTooMuch()
    else void receive(quoteLongNumbers(String(data)))
  })
}

const typesOfServers: readonly MessageType[] = [MessageType.ConnectionAck, MessageType.Next, MessageType.Error]

/** graphql-ws parses these, and throws when it gets one. */
function isOfServers(message: string): boolean {
  try {
    return typesOfServers.includes(parseMessage(message).type)
  } catch {
    return false // No message of the protocol at all: that is answered already.
  }
}
