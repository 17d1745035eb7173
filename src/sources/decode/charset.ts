import { isUtf8 } from 'node:buffer'
import { LRUCache } from 'lru-cache'

const windows1252 = new TextDecoder('windows-1252')
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Decodes text in the announced charset, else in UTF-8; text that is no UTF-8 and announces no charset is read as
 * windows-1252, which old forms send without saying so. A byte order mark decides before everything else, and is
 * skipped. Returns undefined for bytes that are no text of that charset.
 */
export function decodeText(bytes: Uint8Array, charset: string | undefined): string | undefined {
  const label = byteOrderMark(bytes) ?? utf16Of(bytes, charset) ?? charset
  const decoder = label === undefined ? undefined : createDecoder(label)
  // To throw for each field of a form takes longer than to read it.
  if (decoder === undefined && !isUtf8(bytes)) return decodeLegacy(bytes)
  try {
    return decoder === undefined ? strictUtf8.decode(bytes) : decoder.decode(bytes)
  } catch {
    return decoder === undefined || decoder.encoding === 'utf-8' ? decodeLegacy(bytes) : undefined
  }
}

/** Returns the text of UTF-8 bytes that a database can store; undefined for anything else. */
export function readPlainText(bytes: Uint8Array): string | undefined {
  try {
    const text = strictUtf8.decode(bytes)
    return text.includes('\u0000') ? undefined : text
  } catch {
    return undefined
  }
}

function byteOrderMark([first, second]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

/** `utf-16` without a mark may have either order; the first character of JSON and of forms is ASCII. */
function utf16Of([first, second]: Uint8Array, charset: string | undefined): string | undefined {
  if (charset === undefined || !/^utf-?16$/i.test(charset)) return undefined
  return first === 0 && second !== 0 ? 'utf-16be' : 'utf-16le'
}

/** A form asks for the same one for each of its fields, and to create one takes as long as to decode them all. */
const decoders = new LRUCache<string, { readonly decoder: TextDecoder | undefined }>({ max: 50 })

function createDecoder(label: string): TextDecoder | undefined {
  const known = decoders.get(label) ?? { decoder: newDecoder(label) }
  decoders.set(label, known)
  return known.decoder
}

function newDecoder(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label, { fatal: true })
  } catch {
    return undefined // No charset of this name exists: it is read as UTF-8.
  }
}

/** Binary data is no legacy text: it has control characters that no form sends. */
function decodeLegacy(bytes: Uint8Array): string | undefined {
  if (bytes.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20))) return undefined
  return windows1252.decode(bytes)
}
