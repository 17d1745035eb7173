import { once } from 'node:events'
import { connect } from 'node:net'

/** Sends bytes as they are, in as many pieces as given, and answers all that came back until the server closed. */
export function sendRaw(url: string, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error)
    })
    for (const piece of pieces) socket.write(piece)
  })
}

/** The status and the JSON body of a raw answer. */
export function parseRaw(answer: string): { status: number; head: string; json: { error?: { code: string } } } {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2)
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
  return { status, head: head.toLowerCase(), json: body === '' ? {} : JSON.parse(body) }
}

/** A request that is sent in pieces. */
interface OpenRequest {
  /** All that has come back so far. */
  received(): string
  /** Sends the rest of it, and answers all that came back until the server closed. */
  finish(rest: string): Promise<string>
  readonly closed: Promise<unknown>
}

export async function openRaw(url: string, firstPiece = ''): Promise<OpenRequest> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.on('error', () => {}) // It closes, and what came until then tells why.
  socket.on('data', (chunk) => {
    text += chunk.toString()
  })
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  socket.write(firstPiece)
  return {
    received: () => text,
    closed,
    finish: async (rest) => {
      socket.write(rest)
      await closed
      return text
    },
  }
}
