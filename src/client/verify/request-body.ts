/** Bodies of Rex are far smaller: this bounds the memory that a stranger can take before the signature is checked. */
const maxBodyBytes = 1_048_576

/** Reads the raw bytes of a request. Returns undefined when they are more than the limit. */
export async function readBody(chunks: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const read: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) return undefined
    read.push(chunk)
  }
  return Buffer.concat(read)
}
