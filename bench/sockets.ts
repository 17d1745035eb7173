import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Clients that only count messages: plain sockets, so that they cost less than the servers that are measured. */
export interface Sockets {
  /** Resolves when every client has received exactly `count` more `next` messages. */
  receive(count: number): Promise<void>
  close(): Promise<void>
}

interface Options {
  readonly url: string
  readonly apiKey: string
  readonly count: number
  /** Subscription of each client. */
  readonly queryOf: (nth: number) => string
}

const openAtOnce = 50

export async function openSockets({ url, apiKey, count, queryOf }: Options): Promise<Sockets> {
  let behind = 0
  let wanted = 0
  let onReceived = () => {}
  const onMessage = (client: Client, message: Buffer) => {
    if (!message.includes('"type":"next"'))
      throw new Error(`Expected a next message from ${url}, got ${message.toString()}`)
    client.received += 1
    if (client.received > wanted) throw new Error('A message came that was not expected.')
    if (client.received === wanted && --behind === 0) onReceived()
  }
  const clients: Client[] = []
  while (clients.length < count) {
    const next = Array.from({ length: Math.min(openAtOnce, count - clients.length) }, (_, nth) =>
      openClient(url, apiKey, queryOf(clients.length + nth)),
    )
    clients.push(...(await Promise.all(next)))
  }
  for (const { socket } of clients) socket.on('close', failOnClose)
  for (const client of clients) client.onMessage = (message) => onMessage(client, message)
  return {
    receive: (messages) => {
      for (const client of clients) client.received = 0
      wanted = messages
      behind = clients.length
      return new Promise((resolve) => {
        onReceived = resolve
      })
    },
    close: async () => {
      for (const { socket } of clients) socket.off('close', failOnClose)
      const closed = clients.map(({ socket }) => once(socket, 'close'))
      for (const { socket } of clients) socket.destroy()
      await Promise.all(closed)
    },
  }
}

function failOnClose(): never {
  throw new Error('The server closed a socket.')
}

interface Client {
  readonly socket: Socket
  received: number
  onMessage(message: Buffer): void
}

/** Opens a socket; resolves once the server has accepted the subscription, when a later query is complete. */
async function openClient(url: string, apiKey: string, query: string): Promise<Client> {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  socket.on('error', (cause) => {
    throw new Error(`A socket to ${url} failed.`, { cause })
  })
  socket.write(upgradeRequest(host))
  const [head] = await once(socket, 'data')
  if (!String(head).startsWith('HTTP/1.1 101')) throw new Error(`Expected an upgrade, got ${String(head)}`)
  const client: Client = { socket, received: 0, onMessage: () => {} }
  readFrames(client)
  const send = (message: object) => socket.write(maskedFrame(textOpcode, Buffer.from(JSON.stringify(message))))
  const answered = (type: string) =>
    new Promise<void>((resolve) => {
      client.onMessage = (message) => {
        if (message.includes('"error"')) throw new Error(message.toString())
        if (message.includes(`"${type}"`)) resolve()
      }
    })
  const acknowledged = answered('connection_ack')
  send({ type: 'connection_init', payload: { apiKey } })
  await acknowledged
  const completed = answered('complete')
  send({ id: crypto.randomUUID(), type: 'subscribe', payload: { query } })
  send({ id: 'q', type: 'subscribe', payload: { query: '{ __typename }' } })
  await completed
  return client
}

function upgradeRequest(host: string): string {
  const lines = [
    'GET /graphql HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Protocol: graphql-transport-ws',
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

const textOpcode = 1
const pingOpcode = 9
const pongOpcode = 10

/** Reads frames (RFC 6455, section 5.2), and answers pings. */
function readFrames(client: Client): void {
  let rest: Buffer = Buffer.alloc(0)
  client.socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let offset = 0
    for (let frame = frameAt(bytes, offset); frame !== undefined; frame = frameAt(bytes, offset)) {
      const payload = bytes.subarray(frame.start, frame.end)
      if (frame.opcode === textOpcode) client.onMessage(payload)
      else if (frame.opcode === pingOpcode) client.socket.write(maskedFrame(pongOpcode, payload))
      else throw new Error(`Expected a message, got a frame of type ${frame.opcode}: ${payload.toString()}`)
      offset = frame.end
    }
    rest = bytes.subarray(offset)
  })
}

function frameAt(bytes: Buffer, offset: number) {
  if (bytes.length < offset + 2) return undefined
  const short = bytes.readUInt8(offset + 1)
  if (short >= 126 && bytes.length < offset + 4) return undefined
  const start = offset + (short < 126 ? 2 : 4)
  const end = start + (short < 126 ? short : bytes.readUInt16BE(offset + 2))
  if (short === 127) throw new Error('Expected messages below 64 KiB.')
  return bytes.length < end ? undefined : { opcode: bytes.readUInt8(offset) & 15, start, end }
}

/** Masked with zeros, which changes no byte. */
function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const length =
    payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), payload])
}
