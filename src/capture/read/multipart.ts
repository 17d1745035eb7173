import { MIMEType } from 'node:util'
import {
  MaxPartsExceededError,
  MultipartParseError,
  type MultipartPart,
  parseMultipart as readParts,
} from '@remix-run/multipart-parser'
import { maxMetadataKeys } from '../../contacts/field-checks.ts'
import { AppError, invalidRequest } from '../../platform/errors.ts'
import { decodeUtf8, invalidEncoding } from '../../platform/text/utf8.ts'
import { parseFormEntries } from './form.ts'
import { maxFields, tooManyFields } from './input.ts'

/** Each key of metadata is one part. */
const limits = { maxParts: maxFields + maxMetadataKeys, maxHeaderSize: 4 * 1024 }

/**
 * Parses a `multipart/form-data` body of fields into the shape of a JSON one.
 * @throws AppError `unsupported_media_type` without a boundary or for a part in another charset, `unsupported_encoding`
 * for a part in base64 and the like, `invalid_encoding` for a malformed body, `invalid_request` for a file or a field
 * given twice
 */
export function parseMultipart(bytes: Uint8Array, boundary: string | null): Record<string, unknown> {
  if (!boundary) throw new AppError('unsupported_media_type', 'multipart/form-data needs a boundary.')
  const parts = partsOf(bytes, boundary)
  if (parts.some(isFile)) throw invalidRequest([{ path: '', message: 'file uploads are not supported' }])
  return parseFormEntries(parts.map(readField))
}

/** Reads the parts and checks their headers; after that only their values may be invalid. */
function partsOf(bytes: Uint8Array, boundary: string): MultipartPart[] {
  try {
    const parts = [...readParts(bytes, { boundary, ...limits })]
    if (parts.some((part) => part.name === undefined)) throw malformed()
    return parts
  } catch (error) {
    if (error instanceof MaxPartsExceededError) throw invalidRequest([tooManyFields])
    // The parser decodes headers strictly: a TypeError means that a header is not UTF-8.
    if (error instanceof MultipartParseError || error instanceof TypeError) throw malformed()
    throw error
  }
}

/** Replaces the parser's own `isFile`, which prints names that it cannot decode. */
function isFile({ headers, mediaType }: MultipartPart): boolean {
  const hasFilename = /;\s*filename\*?\s*=/i.test(headers['content-disposition'] ?? '')
  return hasFilename || mediaType?.toLowerCase() === 'application/octet-stream'
}

function readField(part: MultipartPart): [name: string, value: string] {
  if (!/^(?:7bit|8bit|binary)$/i.test(part.headers['content-transfer-encoding'] ?? '8bit'))
    throw new AppError('unsupported_encoding', 'Parts must not have a Content-Transfer-Encoding (RFC 7578, 4.7).')
  if (!/^(?:utf-?8|us-ascii)$/i.test(charsetOf(part.headers['content-type'])))
    throw new AppError('unsupported_media_type', 'Parts must be in UTF-8.')
  return [part.name ?? '', decodeUtf8(part.bytes)]
}

function charsetOf(type = 'text/plain'): string {
  try {
    return new MIMEType(type).params.get('charset') ?? 'utf-8'
  } catch {
    return 'utf-8' // Only the charset of a field's type matters: its value is text.
  }
}

function malformed(): AppError {
  return invalidEncoding('The body is not well-formed multipart/form-data of named fields.')
}
