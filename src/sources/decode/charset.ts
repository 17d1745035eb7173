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

/** Control characters that no form sends; the others of latin1 are in the ranges. */
const binary = /[^\t-\r\u0020-\u00ff]/
/** Bytes that windows-1252 reads as letters and signs, and latin1 as control characters. */
const beyondLatin1 = /[\u0080-\u009f]/

/** Binary data is no legacy text. To decode latin1 takes a fraction of the time. */
function decodeLegacy(bytes: Uint8Array): string | undefined {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  if (binary.test(latin1)) return undefined
  return beyondLatin1.test(latin1) ? windows1252.decode(bytes) : latin1
}
