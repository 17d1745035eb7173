import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** A PostgreSQL that answers whoever comes with an error of this state, and nothing else; answers its port. */
export async function startRefusingDatabase(state: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {}) // Its client goes as it likes.
    socket.once('data', () => socket.end(errorResponse({ S: 'FATAL', V: 'FATAL', C: state, M: 'refused by the test' })))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

export function errorResponse(fields: Readonly<Record<string, string>>): Buffer {
  const body = `${Object.entries(fields)
    .map(([type, value]) => `${type}${value}\0`)
    .join('')}\0`
  const head = Buffer.alloc(5, 'E')
  head.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([head, Buffer.from(body)])
}
