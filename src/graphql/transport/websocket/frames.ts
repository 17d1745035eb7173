import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'

const maxWaitingBytes = 64 * 1024

/** Sends on one socket. Both resolve at once while little waits for the client, else when it has left for the kernel. */
export interface Frames {
  send(message: string): Promise<void> | undefined
  /** Writes whole frames past the sender of `ws`: without compression that keeps nothing back that would be overtaken. */
  write(frames: Buffer): Promise<void> | undefined
}

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
    write: (frames) => {
      if (socket.readyState !== WebSocket.OPEN) return undefined
      if (socket.bufferedAmount >= maxWaitingBytes) return writeFrames(socket, stream, frames)
      stream.write(frames)
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

function writeFrames(socket: WebSocket, stream: Duplex, frames: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(frames, (error) => (error && socket.readyState === WebSocket.OPEN ? reject(error) : resolve()))
  })
}
