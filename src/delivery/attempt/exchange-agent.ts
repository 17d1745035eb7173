import type { Socket } from 'node:net'
import { Agent, type buildConnector, Client, Pool } from 'undici'
import type { GuardedConnect } from '../network/guarded-connect.ts'
import { Exchange, type Line } from './exchange.ts'
import { type AnswerFilter, createAnswerFilter } from './response-filter.ts'

/** Makes an agent whose exchanges learn about the connection that carries them, which undici does not say. */
export function createLineAgent(connect: GuardedConnect, options: Omit<Agent.Options, 'connect' | 'factory'>): Agent {
  return new Agent({
    ...options,
    factory: (origin, poolOptions) =>
      new Pool(origin, {
        ...poolOptions,
        factory: (_origin, clientOptions) => createLineClient(origin, connect, clientOptions),
      }),
  })
}

function createLineClient(origin: string | URL, connect: GuardedConnect, options: object): Client {
  const line: Line = { inside: false, requests: 0, answer: undefined }
  const client = new Client(origin, { ...options, connect: connectorOf(line, connect) })
  const dispatch = client.dispatch.bind(client)
  client.dispatch = (request, handler) => {
    if (handler instanceof Exchange) handler.join(line)
    return dispatch(request, handler)
  }
  return client
}

function connectorOf(line: Line, connect: GuardedConnect): buildConnector.connector {
  const open = async (target: buildConnector.Options) => {
    const socket = await connect(target, (inside) => {
      line.inside = inside
    })
    line.answer = createAnswerFilter()
    line.requests = 0
    filterReads(socket, line.answer)
    return socket
  }
  return (target, callback) => {
    void open(target).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    )
  }
}

/** Filters where undici takes its bytes from: a stream in between would cost each attempt two more buffers. */
function filterReads(socket: Socket, filter: AnswerFilter): void {
  const read = socket.read.bind(socket)
  socket.read = (size) => {
    for (;;) {
      const chunk: unknown = read(size)
      if (!Buffer.isBuffer(chunk)) return chunk
      const rest = filter.take(chunk)
      if (rest.length > 0) return rest
    }
  }
}
