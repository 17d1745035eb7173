import { once } from 'node:events'
import { WebSocket } from 'ws'

/** Clients with the same subscription, which only count messages. */
export interface Sockets {
  /** Resolves when all clients together have received `count` more `next` messages. */
  receive(count: number): Promise<void>
  close(): Promise<void>
}

const query = 'subscription { contactCreated { eventId occurredAt contact { id email firstName lastName source } } }'
const openAtOnce = 50

export async function openSockets(url: string, apiKey: string, count: number): Promise<Sockets> {
  let received = 0
  let wanted = Number.POSITIVE_INFINITY
  let onReceived = () => {}
  const onMessage = (data: Buffer) => {
    if (!data.includes('"type":"next"')) throw new Error(`Expected a next message, got ${data.toString()}`)
    if (++received === wanted) onReceived()
  }
  const sockets: WebSocket[] = []
  while (sockets.length < count) {
    const next = Array.from({ length: Math.min(openAtOnce, count - sockets.length) }, () => openSocket(url, apiKey))
    sockets.push(...(await Promise.all(next)))
  }
  for (const socket of sockets) socket.on('message', onMessage)
  return {
    receive: (messages) => {
      received = 0
      wanted = messages
      return new Promise((resolve) => {
        onReceived = resolve
      })
    },
    close: async () => {
      const closed = sockets.map((socket) => once(socket, 'close'))
      for (const socket of sockets) socket.close()
      await Promise.all(closed)
    },
  }
}

/** Opens a socket; resolves once the server has accepted the subscription, when a later query is complete. */
async function openSocket(url: string, apiKey: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload: { apiKey } }))
  await once(socket, 'message')
  socket.send(JSON.stringify({ id: crypto.randomUUID(), type: 'subscribe', payload: { query } }))
  socket.send(JSON.stringify({ id: 'q', type: 'subscribe', payload: { query: '{ __typename }' } }))
  await new Promise<void>((resolve) => {
    const onMessage = (data: Buffer) => {
      if (!data.includes('"complete"')) return
      socket.off('message', onMessage)
      resolve()
    }
    socket.on('message', onMessage)
  })
  return socket
}
