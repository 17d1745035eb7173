import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eraseFromDeliveries } from '../../src/delivery/delivery-erasure.ts'
import { tcpReceiver } from '../support/misbehaving-receivers.ts'
import { openParts, type TestParts } from '../support/test-parts.ts'
import { openWayOut } from '../support/way-out.ts'

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

describe('11.22: what is recorded of an odd answer', () => {
  let parts: TestParts

  beforeAll(async () => {
    parts = await openParts()
  })
  afterAll(() => parts?.close())

  it('is a success after an unasked 100 Continue', async () => {
    const way = await openWayOut(parts)
    const url = await tcpReceiver((socket: Socket) =>
      socket.on('data', () => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${ok}`)),
    )
    await way.endpointTo({ url })
    way.start()
    await way.capture()
    await way.allAre('SUCCEEDED', 1)
    expect(await way.attempts()).toMatchObject([{ number: 1, response_status: 200, error: null, detail: null }])
  })

  it('is the code and the status line that was seen, until the person is erased', async () => {
    const way = await openWayOut(parts)
    const url = await tcpReceiver((socket: Socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 jane@example.com\ncontent-length: 0\n\n')),
    )
    await way.endpointTo({ url })
    way.start({ scheduleSeconds: [0] })
    const contactId = await way.capture()
    await way.allAre('FAILED', 1)
    expect(await way.attempts()).toMatchObject([
      { error: 'PROTOCOL', response_status: null, inside: true, detail: expect.stringMatching(/HTTP\/1\.1 200 jane@/) },
    ])
    const { workspaceId } = way
    await parts.database.inTransaction((tx) => eraseFromDeliveries(tx, { workspaceId, contactId }, ''))
    expect(await way.attempts()).toMatchObject([{ error: 'PROTOCOL', detail: null }])
  })

  it('is one attempt when a reused connection is reset and a fresh one takes the request', async () => {
    const way = await openWayOut(parts)
    let connections = 0
    const url = await tcpReceiver((socket: Socket) => {
      const isFirst = ++connections === 1
      let requests = 0
      socket.on('data', () => (isFirst && ++requests > 1 ? socket.resetAndDestroy() : socket.write(ok)))
    })
    await way.endpointTo({ url }, { maxInFlight: 1 })
    way.start()
    await way.captureMany(6)
    await way.allAre('SUCCEEDED', 6)
    expect(await way.attempts()).toMatchObject(Array(6).fill({ number: 1, error: null }))
  })
})
