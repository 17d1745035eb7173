import type { Socket } from 'node:net'
import { Agent, type buildConnector, Client, Pool } from 'undici'
import type { GuardedConnect } from '../network/guarded-connect.ts'
import { type ConnectionState, Exchange } from './exchange.ts'
import { createResponseFilter, type ResponseFilter } from './response-filter.ts'

/** Creates an agent whose exchanges know their connection, which undici does not expose. */
export function createExchangeAgent(
  connect: GuardedConnect,
  options: Omit<Agent.Options, 'connect' | 'factory'>,
): Agent {
  return new Agent({
    ...options,
    factory: (origin, poolOptions) =>
      new Pool(origin, {
        ...poolOptions,
        factory: (_origin, clientOptions) => createExchangeClient(origin, connect, clientOptions),
      }),
  })
}

function createExchangeClient(origin: string | URL, connect: GuardedConnect, options: object): Client {
  const connection: ConnectionState = { inside: false, requests: 0, answer: undefined }
  const client = new Client(origin, { ...options, connect: createConnector(connection, connect) })
  const dispatch = client.dispatch.bind(client)
  client.dispatch = (request, handler) => {
    if (handler instanceof Exchange) handler.attachConnection(connection)
    return dispatch(request, handler)
  }
  return client
}

function createConnector(connection: ConnectionState, connect: GuardedConnect): buildConnector.connector {
  const open = async (target: buildConnector.Options) => {
    const socket = await connect(target, (inside) => {
      connection.inside = inside
    })
    connection.answer = createResponseFilter()
    connection.requests = 0
    filterReads(socket, connection.answer)
    return socket
  }
  return (target, callback) => {
    void open(target).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    )
  }
}

/** Filters at socket.read, where undici reads: a stream in between would cost each attempt two more buffers. */
function filterReads(socket: Socket, filter: ResponseFilter): void {
  const read = socket.read.bind(socket)
  socket.read = (size) => {
    for (;;) {
      const chunk: unknown = read(size)
      if (!Buffer.isBuffer(chunk)) return chunk
      const rest = filter.read(chunk)
      if (rest.length > 0) return rest
    }
  }
}
