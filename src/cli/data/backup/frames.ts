/** Part of a backup: a letter for its type, the length of its content in four bytes, and the content. */
export interface Frame {
  readonly type: string
  readonly content: Buffer
}

const headBytes = 5
/** Longer contents are damaged lengths; the writer cuts rows into parts of a tenth of it. */
const maxContentBytes = 16 * 1024 * 1024
const partBytes = 1024 * 1024

export function jsonFrame(type: string, content: unknown): Buffer {
  return frameOf(type, Buffer.from(JSON.stringify(content)))
}

/** Yields frames with the bytes, cut into parts. */
export function* dataFrames(type: string, bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += partBytes) yield frameOf(type, bytes.subarray(at, at + partBytes))
}

/** Returns a frame as it is stored. */
export function frameOf(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(headBytes)
  head.write(type, 0, 1, 'latin1')
  head.writeUInt32BE(content.length, 1)
  return Buffer.concat([head, content])
}

/** Reads frames from bytes that come in any parts. @throws when the bytes end within a frame, or a length is damaged */
export async function* readFrames(bytes: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of bytes) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let length = lengthOf(rest); length !== undefined && rest.length >= length; length = lengthOf(rest)) {
      yield { type: rest.toString('latin1', 0, 1), content: rest.subarray(headBytes, length) }
      rest = rest.subarray(length)
    }
  }
  if (rest.length > 0) throw new Error('The bytes end within a frame.')
}

/** Returns the length of the first frame; undefined when its head is not complete. */
function lengthOf(bytes: Buffer): number | undefined {
  if (bytes.length < headBytes) return undefined
  const length = bytes.readUInt32BE(1)
  if (length > maxContentBytes) throw new Error('The length of a frame is damaged.')
  return headBytes + length
}
