import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import type { Frames } from './outgoing-stream.ts'

const maxWaitingBytes = 64 * 1024

/**
 * Returns a function that makes the sender of a socket, whose connection is `stream`. The messages of one turn of the event loop leave
 * in one write: in a burst that is most of what a message costs.
 */
export function createFraming(): (socket: WebSocket, stream: Duplex) => Frames {
  let corked = new Set<Duplex>()
  const uncorkAll = () => {
    const streams = corked
    corked = new Set()
    for (const stream of streams) stream.uncork()
  }
  const cork = (stream: Duplex) => {
    if (corked.has(stream)) return
    if (corked.size === 0) setImmediate(uncorkAll)
    corked.add(stream)
    stream.cork()
  }

  return (socket, stream) => ({
    send: (message) => {
      if (socket.readyState !== WebSocket.OPEN) return undefined
      cork(stream)
      if (socket.bufferedAmount >= maxWaitingBytes) return sendMessage(socket, message)
      socket.send(message)
      return undefined
    },
  })
}

/**
 * Resolves when the message has left for the kernel: a client that does not read stops its subscription here, so that
 * its bounded buffer fills instead of this process's memory.
 */
export function sendMessage(socket: WebSocket, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== WebSocket.OPEN) return resolve()
    socket.send(message, (error) => (error && socket.readyState === WebSocket.OPEN ? reject(error) : resolve()))
  })
}
