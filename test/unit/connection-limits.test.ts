import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { limitConnections } from '../../src/http/connection-limits.ts'
import { eventually } from '../support/eventually.ts'

async function serve(exempt: readonly string[], max: number) {
  const server = createServer((_request, response) => response.end())
  limitConnections(server, exempt, max)
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const open = () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void socket.destroy())
    return socket
  }
  return open
}

/** Whether a request on it is answered. */
async function isServed(socket: Socket): Promise<boolean> {
  const closed = once(socket, 'close').then(() => false)
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  return Promise.race([once(socket, 'data').then(() => true), closed])
}

describe('connections of one address', () => {
  it('are cut beyond so many, and taken again when one has gone', async () => {
    const open = await serve([], 2)
    const [first, second] = [open(), open()]
    expect([await isServed(first), await isServed(second)]).toEqual([true, true])
    expect(await isServed(open())).toBe(false)
    first.destroy()
    await eventually(
      () => isServed(open()),
      () => 'no connection is taken',
    )
  })

  it('are as many as it likes for this machine and trusted proxies', async () => {
    const open = await serve(['loopback'], 1)
    for (const socket of [open(), open(), open()]) expect(await isServed(socket)).toBe(true)
  })
})
