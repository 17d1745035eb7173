import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createPendingResponses, type PendingResponses } from '../../src/server/response/pending-responses.ts'
import { eventually } from '../support/eventually.ts'

let pending: PendingResponses
let server: Server
let now = 0

afterEach(() => {
  pending.stop()
  server.closeAllConnections()
  server.close()
})

/** A server whose answers are so large; its clock is the test's. */
async function serve(bytes: number): Promise<number> {
  now = 0
  pending = createPendingResponses(() => now)
  const body = Buffer.alloc(bytes, 'x')
  server = createServer((_request, response) => {
    pending.watch(response)
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A caller that asks and reads so many bytes at a time, or nothing. */
function ask(port: number, read: 'nothing' | 'all') {
  const socket = connect(port, '127.0.0.1')
  let closed = false
  let received = 0
  socket.on('close', () => {
    closed = true
  })
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  if (read === 'nothing') socket.pause()
  else socket.on('data', (chunk) => (received += chunk.length))
  return { socket, isClosed: () => closed, received: () => received }
}

it('11.2: closes the connection of a reader that takes nothing for 15 seconds', async () => {
  const port = await serve(20_000_000)
  const reader = ask(port, 'nothing')
  await eventually(
    () => {
      now += 1000
      return reader.isClosed() || now > 200_000
    },
    () => `${now}`,
    20_000,
  )
  // Looks come once in a second of the real clock; the test's runs on faster.
  expect(now).toBeGreaterThanOrEqual(15_000)
})

it('11.2: leaves a reader alone that takes all of it', async () => {
  const port = await serve(5_000_000)
  const reader = ask(port, 'all')
  await eventually(
    () => reader.received() > 5_000_000,
    () => `${reader.received()}`,
  )
  now = 100_000
  expect(pending.isFull).toBe(false)
  expect(reader.isClosed()).toBe(false)
  reader.socket.destroy()
})

it('11.2: admits no more than fits, but small answers always', async () => {
  const port = await serve(20_000_000)
  expect(pending.admits(20_000_000)).toBe(true)
  expect(pending.admits(20_000_000)).toBe(false)
  expect(pending.admits(100)).toBe(true)
  const readers = [ask(port, 'nothing'), ask(port, 'nothing'), ask(port, 'nothing')]
  await eventually(
    () => {
      now += 20
      return pending.isFull
    },
    () => 'not full',
  )
  expect(pending.admits(17_000)).toBe(false)
  expect(pending.admits(100)).toBe(true)
  for (const { socket } of readers) socket.destroy()
  await eventually(
    () => {
      now += 20
      return !pending.isFull
    },
    () => 'still full',
  )
})

it('11.2: is nearly full while another large answer would hardly fit', async () => {
  const port = await serve(7_200_000)
  const readers = [ask(port, 'nothing'), ask(port, 'nothing')]
  const waits = (isSo: boolean) =>
    eventually(
      () => {
        now += 20
        return pending.isNearlyFull === isSo
      },
      () => `nearly full: ${!isSo}`,
    )
  await waits(false)
  readers.push(ask(port, 'nothing'))
  await waits(true)
  expect(pending.isFull).toBe(false)
  for (const { socket } of readers) socket.destroy()
  await waits(false)
})
