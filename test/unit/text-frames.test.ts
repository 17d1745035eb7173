import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { framesOf, payloadOfText } from '../../src/graphql/transport/websocket/text-frames.ts'

/** The messages in some bytes. */
function messagesIn(bytes: Buffer): unknown[] {
  const messages: unknown[] = []
  for (let offset = 0; offset < bytes.length; ) {
    const [length, header] = lengthAt(bytes, offset)
    expect(bytes[offset]).toBe(0x81) // Final, text.
    offset += header + length
    expect(offset).toBeLessThanOrEqual(bytes.length)
    messages.push(JSON.parse(bytes.toString('utf8', offset - length, offset)))
  }
  return messages
}

/** Length of the payload and of the header (RFC 6455, section 5.2), each in its shortest form. */
function lengthAt(bytes: Buffer, offset: number): [length: number, header: number] {
  const short = bytes.readUInt8(offset + 1)
  if (short < 126) return [short, 2]
  const length = short === 126 ? bytes.readUInt16BE(offset + 2) : Number(bytes.readBigUInt64BE(offset + 2))
  expect(length).toBeGreaterThan(short === 126 ? 125 : 65_535)
  return [length, short === 126 ? 4 : 10]
}

const next = (id: string, payload: unknown) => [{ id, type: 'next', payload }]

describe('frames of a broadcast', () => {
  // Around the lengths at which the header grows: 126 bytes and 64 KiB.
  it.each([0, 60, 79, 80, 81, 82, 83, 84, 85, 65_480, 65_490, 65_491, 65_492, 65_493, 65_500, 200_000])(
    'are read whole with a text of %i characters',
    (length) => {
      for (const id of ['1', 'an id of its own']) {
        const payload = { data: 'x'.repeat(length) }
        expect(messagesIn(framesOf(id, [payloadOfText(JSON.stringify(payload))]))).toEqual(next(id, payload))
      }
    },
  )

  it('have every length of the header, to the byte', () => {
    const random = randomBytes(4).readUInt32BE()
    for (let length = 90; length < 140; length++) {
      const payload = { data: 'y'.repeat(length), random }
      expect(messagesIn(framesOf('1', [payloadOfText(JSON.stringify(payload))]))).toEqual(next('1', payload))
    }
  })

  it('follow each other in order, each with the id of its subscriber, in any script', () => {
    const payloads = ['{"data":"ä€😀"}', '{"data":2}'].map(payloadOfText)
    for (const id of ['1', '1', 'ü"\\', '2', '1'])
      expect(messagesIn(framesOf(id, payloads))).toEqual([...next(id, { data: 'ä€😀' }), ...next(id, { data: 2 })])
  })

  it('of the same id are not those of other payloads', () => {
    const first = framesOf('1', [payloadOfText('{"data":1}')])
    expect(messagesIn(framesOf('1', [payloadOfText('{"data":2}')]))).toEqual(next('1', { data: 2 }))
    expect(messagesIn(first)).toEqual(next('1', { data: 1 }))
  })
})
