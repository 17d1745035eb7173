import { MIMEType } from 'node:util'
import { type MultipartPart, parseMultipart } from '@remix-run/multipart-parser'
import { decodeText } from './charset.ts'
import type { FormEntries } from './form-fields.ts'

const limits = { maxParts: 5000, maxHeaderSize: 8 * 1024 }

/** Fields that are read of an urlencoded body: no more values are mapped. */
const maxFields = 5000

/** Parses urlencoded text, of which `isCut` says whether it has more fields than are read. Broken escapes stay as they are, and bytes that are no UTF-8 are read as windows-1252. */
export function parseUrlencoded(text: string, charset: string | undefined) {
  const pairs = text.trim().split('&', maxFields + 1)
  const read = unescaper(charset)
  const entries: FormEntries = pairs
    .slice(0, maxFields)
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=')
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
      return [read(name), read(value)] as const
    })
  return { entries, isCut: pairs.length > maxFields }
}

/** After a text that is no UTF-8 the others are read byte by byte at once: to throw takes longer than to read. */
function unescaper(charset: string | undefined): (text: string) => string {
  let isUtf8Body = charset === undefined || /^utf-?8$/i.test(charset)
  return (text) => {
    const spaced = text.includes('+') ? withSpaces(text) : text
    if (!spaced.includes('%')) return spaced
    try {
      if (isUtf8Body) return decodeURIComponent(spaced)
    } catch {
      isUtf8Body = false // Another charset, or a broken escape.
    }
    return decodeText(unescapeBytes(spaced), charset) ?? spaced
  }
}

/** To replace each plus sign of a text by a search takes ten times as long. */
function withSpaces(text: string): string {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === plus) bytes[at] = space
  return bytes.toString()
}

/** Returns the bytes that a text escapes; characters beyond ASCII are those of their UTF-8. */
function unescapeBytes(text: string): Buffer {
  const bytes = Buffer.from(text)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const high = bytes[at] === percent ? hexValue(bytes[at + 1]) : -1
    const low = high < 0 ? -1 : hexValue(bytes[at + 2])
    bytes[length++] = low < 0 ? (bytes[at] ?? 0) : 16 * high + low
    if (low >= 0) at += 2
  }
  return bytes.subarray(0, length)
}

const [percent, plus, space] = [0x25, 0x2b, 0x20]

/** Returns -1 for what is no hexadecimal digit. */
function hexValue(code: number | undefined): number {
  if (code === undefined) return -1
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/**
 * Parses multipart/form-data; undefined when it is none. A file is replaced by its name, an empty one left out.
 * @param boundary of the content type; undefined: the first line of the body is it
 */
export function parseMultipartForm(bytes: Uint8Array, boundary: string | undefined): FormEntries | undefined {
  const limit = boundary ?? firstBoundary(bytes)
  if (limit === undefined) return undefined
  try {
    return [...parseMultipart(bytes, { boundary: limit, ...limits })].flatMap(readPart)
  } catch {
    return undefined // The parser throws for anything that is malformed, and for too many parts.
  }
}

function firstBoundary(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 80)).toString('latin1')
  return /^--([0-9A-Za-z'()+_,./:=?-]{1,70})\r?\n/.exec(start)?.[1]
}

/** Most parts: to read their header as any other takes as long as to read their text. */
const plainPart = /^form-data; name="([A-Za-z0-9_[\].-]+)"$/

function readPart(part: MultipartPart): (readonly [string, string])[] {
  const { headers } = part
  const plainName = plainPart.exec(headers['content-disposition'] ?? '')?.[1]
  if (plainName !== undefined) return [[plainName, textOf(part)]]
  const { name } = part
  if (name === undefined) return []
  const filename = /;\s*filename\*?\s*=\s*(?:"([^"]*)"|([^;\s]*))/i.exec(headers['content-disposition'] ?? '')
  if (filename !== null) {
    const file = filename[1] ?? filename[2] ?? ''
    return file === '' ? [] : [[name, file]]
  }
  return [[name, textOf(part)]]
}

function textOf({ content: chunks, headers }: MultipartPart): string {
  const [chunk] = chunks
  const bytes = chunk !== undefined && chunks.length === 1 ? chunk : Buffer.concat(chunks)
  const isBase64 = headers['content-transfer-encoding']?.trim().toLowerCase() === 'base64'
  const content = isBase64 ? Buffer.from(Buffer.from(bytes).toString('latin1'), 'base64') : bytes
  return decodeText(content, charsetOf(headers['content-type'])) ?? Buffer.from(content).toString('utf8')
}

function charsetOf(contentType: string | null | undefined): string | undefined {
  return mediaTypeOf(contentType)?.params.get('charset') ?? undefined
}

/** Returns undefined when there is no type, or none that can be parsed. */
export function mediaTypeOf(contentType: string | null | undefined): MIMEType | undefined {
  try {
    return contentType ? new MIMEType(contentType) : undefined
  } catch {
    return undefined
  }
}
