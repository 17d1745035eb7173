import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { eventually } from './eventually.ts'

interface Message {
  readonly type: string
  readonly id?: string
  readonly payload?: unknown
}

/** A WebSocket with nothing on top of it: its messages, and how it was closed. */
export interface RawSocket {
  readonly socket: WebSocket
  readonly messages: readonly Message[]
  /** The close code. */
  readonly closed: Promise<number>
  /** 101, or the status with which the upgrade was refused. */
  readonly status: number
  send(message: object): void
  /** All in one write, so that the server reads them at once. */
  sendTogether(messages: readonly object[]): void
  /** Waits for a message of which this holds. */
  received(holds: (message: Message) => boolean): Promise<Message | undefined>
}

interface Options {
  readonly origin?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Null: none is asked for. */
  readonly protocol?: string | null
  /** Answers no ping. */
  readonly isDead?: boolean
}

type Server = { readonly url: string; readonly key: string }

export async function openSocket({ url }: Pick<Server, 'url'>, options: Options = {}): Promise<RawSocket> {
  const { origin, headers = {}, protocol = 'graphql-transport-ws', isDead = false } = options
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol ?? [], {
    autoPong: !isDead,
    headers: { ...headers },
    ...(origin !== undefined && { origin }),
  })
  const messages: Message[] = []
  let transport: Duplex | undefined
  socket.on('upgrade', (response) => {
    transport = response.socket
  })
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  socket.on('message', (data) => messages.push(JSON.parse(String(data))))
  const status = await new Promise<number>((resolve, reject) => {
    socket.on('open', () => resolve(101))
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('error', reject)
  })
  const received = async (holds: (message: Message) => boolean) => {
    await eventually(
      () => messages.some(holds),
      () => JSON.stringify(messages),
    )
    return messages.find(holds)
  }
  const send = (message: object) => socket.send(JSON.stringify(message))
  const sendTogether = (all: readonly object[]) => {
    transport?.cork()
    for (const message of all) send(message)
    transport?.uncork()
  }
  return { socket, messages, closed, status, send, sendTogether, received }
}

/** One whose key has been taken. */
export async function openSocketWithKey(server: Server, options: Options = {}): Promise<RawSocket> {
  const opened = await openSocket(server, options)
  opened.send({ type: 'connection_init', payload: { apiKey: server.key } })
  await opened.received(({ type }) => type === 'connection_ack')
  return opened
}
