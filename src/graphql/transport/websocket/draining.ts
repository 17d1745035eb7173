import type { WebSocket } from 'ws'

const looksUntilSlow = 4

/**
 * Returns a function to call every two seconds. When the bytes that wait for a client have not become fewer for about
 * eight, the client has stopped reading, and `onStalled` is called once.
 */
export function watchDraining(socket: Pick<WebSocket, 'bufferedAmount'>, onStalled: () => void): () => void {
  let waiting = 0
  let looks = 0
  return () => {
    const isStuck = waiting > 0 && socket.bufferedAmount >= waiting
    waiting = socket.bufferedAmount
    looks = isStuck ? looks + 1 : 0
    if (looks === looksUntilSlow) onStalled()
  }
}
