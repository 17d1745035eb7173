import { MIMEType } from 'node:util'
import { type MultipartPart, parseMultipart } from '@remix-run/multipart-parser'
import { decodeText } from './charset.ts'
import type { FormEntries } from './form-fields.ts'

const limits = { maxParts: 5000, maxHeaderSize: 8 * 1024 }

/** Fields that are read of an urlencoded body: no more values are mapped. */
const maxFields = 5000

/** Parses urlencoded text, of which `isCut` says whether it has more fields than are read. Broken escapes stay as they are, and bytes that are no UTF-8 are read as windows-1252. */
export function parseUrlencoded(text: string, charset: string | undefined) {
  const pairs = text.trim().split('&')
  const entries: FormEntries = pairs
    .slice(0, maxFields)
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=')
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
      return [unescapeText(name, charset), unescapeText(value, charset)] as const
    })
  return { entries, isCut: pairs.length > maxFields }
}

function unescapeText(text: string, charset: string | undefined): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  try {
    if (charset === undefined || /^utf-?8$/i.test(charset)) return decodeURIComponent(spaced)
  } catch {
    // Another charset, or a broken escape: read byte by byte.
  }
  // Latin-1 has one byte for each character of an escaped text; characters beyond it stand for their UTF-8.
  const bytes = Buffer.from(spaced)
    .toString('latin1')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return decodeText(Buffer.from(bytes, 'latin1'), charset) ?? spaced
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

function readPart(part: MultipartPart): (readonly [string, string])[] {
  const { name, headers } = part
  if (name === undefined) return []
  const filename = /;\s*filename\*?\s*=\s*(?:"([^"]*)"|([^;\s]*))/i.exec(headers['content-disposition'] ?? '')
  if (filename !== null) {
    const file = filename[1] ?? filename[2] ?? ''
    return file === '' ? [] : [[name, file]]
  }
  return [[name, textOf(part)]]
}

function textOf({ bytes, headers }: MultipartPart): string {
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
