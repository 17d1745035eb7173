import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAddressSemaphore } from '../../src/platform/limits/address-rate-limit.ts'
import { connectionsFor, limitConnections } from '../../src/server/connection-limits.ts'
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

  it('are at least 4,096, and more than the WebSockets that it may hold', () => {
    expect([1, 2000, 10_000].map(connectionsFor)).toEqual([4096, 4096, 20_000])
  })

  it('are as many as it likes for this machine and trusted proxies', async () => {
    const open = await serve(['loopback'], 1)
    for (const socket of [open(), open(), open()]) expect(await isServed(socket)).toBe(true)
  })
})

describe('11.15: places of an address', () => {
  const subnet = (nth: number) => `20010db80001${nth.toString(16).padStart(4, '0')}::/64`

  it('are four times as many for a /56, and sixteen times for a /48', () => {
    const places = createAddressSemaphore(2)
    const taken = (networks: readonly string[]) =>
      networks.map((network) => places.acquire(network)).filter((leave) => leave !== undefined).length
    expect(taken([subnet(0), subnet(0), subnet(0)])).toBe(2)
    expect(taken(Array.from({ length: 16 }, (_, nth) => subnet(nth)))).toBe(6)
    expect(taken(Array.from({ length: 64 }, (_, nth) => subnet(0x1_00 * (nth + 1))))).toBe(24)
    expect(taken(['203.0.113.7', '203.0.113.7', '203.0.113.7'])).toBe(2)
  })

  it('are all given back, also by one that was refused', () => {
    const places = createAddressSemaphore(1)
    const leaves = Array.from({ length: 4 }, (_, nth) => places.acquire(subnet(nth)))
    for (let nth = 4; nth < 40; nth++) expect(places.acquire(subnet(nth))).toBeUndefined()
    for (const leave of leaves) leave?.()
    const again = Array.from({ length: 5 }, (_, nth) => places.acquire(subnet(nth + 4)))
    expect(again.map((leave) => leave !== undefined)).toEqual([true, true, true, true, false])
  })
})
