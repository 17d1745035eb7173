/** A result that is sent to many. */
export interface Payload {
  /** End of the `next` message, the same for all: `"type":"next","payload":…}` in UTF-8. */
  readonly bytes: Buffer
  /** Number of subscribers that have not been sent it, because they are slow. */
  holders: number
}

export function payloadOfText(result: string): Payload {
  return { bytes: Buffer.from(`"type":"next","payload":${result}}`), holders: 0 }
}

let lastId: string | undefined
let lastPayloads: readonly Payload[] | undefined
let lastFrames = Buffer.alloc(0)

/**
 * Returns the WebSocket frames (RFC 6455, section 5.2: final, text, not masked) of the `next` messages of an operation.
 * Clients that count their operations have the same ids, so the frames of the call before often serve again.
 */
export function framesOf(id: string, payloads: readonly Payload[]): Buffer {
  if (id === lastId && payloads === lastPayloads) return lastFrames
  const start = Buffer.from(`{"id":${JSON.stringify(id)},`)
  const lengths = payloads.map(({ bytes }) => start.length + bytes.length)
  const frames = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerBytes(length) + length, 0))
  let offset = 0
  for (const { bytes } of payloads) {
    offset = writeHeader(frames, offset, start.length + bytes.length)
    offset += start.copy(frames, offset)
    offset += bytes.copy(frames, offset)
  }
  lastId = id
  lastPayloads = payloads
  lastFrames = frames
  return frames
}

const finalText = 0x81
const lengthIn16Bits = 126
const lengthIn64Bits = 127

function headerBytes(length: number): number {
  if (length < lengthIn16Bits) return 2
  return length < 2 ** 16 ? 4 : 10
}

function writeHeader(frames: Buffer, offset: number, length: number): number {
  frames[offset] = finalText
  if (length < lengthIn16Bits) return frames.writeUInt8(length, offset + 1)
  frames[offset + 1] = length < 2 ** 16 ? lengthIn16Bits : lengthIn64Bits
  if (length < 2 ** 16) return frames.writeUInt16BE(length, offset + 2)
  return frames.writeBigUInt64BE(BigInt(length), offset + 2)
}
