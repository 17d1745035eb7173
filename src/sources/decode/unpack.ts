import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'

/** Limit of a body, as sent and after each step of unpacking. */
export const maxPayloadBytes = 512 * 1024
/** Encodings that one body may have, one inside the other. */
const maxEncodings = 3
/** zlib stops at the limit, so that a small body cannot fill the memory. */
const limits = { maxOutputLength: maxPayloadBytes }

type Unpack = (bytes: Uint8Array) => Promise<Uint8Array>

const gzip: Unpack = (bytes) => promisify(gunzip)(bytes, limits)
/** `deflate` is the zlib format (RFC 9110); some senders leave its header out. */
const deflate: Unpack = (bytes) => {
  const hasHeader =
    bytes.length >= 2 && ((bytes[0] ?? 0) & 0x0f) === 8 && (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) % 31 === 0
  return hasHeader ? promisify(inflate)(bytes, limits) : promisify(inflateRaw)(bytes, limits)
}
const brotli: Unpack = (bytes) => promisify(brotliDecompress)(bytes, limits)

const unpackers: ReadonlyMap<string, Unpack> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', deflate],
  ['br', brotli],
  ['identity', async (bytes) => bytes],
])

/** Unpacked bytes; `as_sent` when they are not packed as announced; `too_large` above the limit. */
export type Unpacked =
  | { readonly outcome: 'unpacked' | 'as_sent'; readonly bytes: Uint8Array }
  | { readonly outcome: 'too_large' }

/** Undoes a Content-Encoding, the last one first. A gzip body that announces none is recognised by its first bytes. */
export async function unpack(bytes: Uint8Array, contentEncoding: string | undefined): Promise<Unpacked> {
  const given = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const names = given.length === 0 && isGzip(bytes) ? ['gzip'] : given
  const steps = names
    .slice(0, maxEncodings)
    .reverse()
    .map((name) => unpackers.get(name))
  let unpacked = bytes
  try {
    for (const step of steps) if (step !== undefined) unpacked = await step(unpacked)
    return { outcome: 'unpacked', bytes: unpacked }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      return { outcome: 'too_large' }
    return { outcome: 'as_sent', bytes }
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}
