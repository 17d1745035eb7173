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
import { formValue } from './form.ts'
import { maxFields, tooManyFields } from './input.ts'

/** Each key of metadata is a part of its own. */
const limits = { maxParts: maxFields + maxMetadataKeys, maxHeaderSize: 4 * 1024 }

/**
 * The value of a `multipart/form-data` body of fields, in the shape of a JSON one.
 * @throws AppError `unsupported_media_type` without a boundary or for a part in another charset, `unsupported_encoding`
 * for a part in base64 and the like, `invalid_encoding` for what is no multipart, `invalid_request` for a file or a
 * field given twice
 */
export function parseMultipart(bytes: Uint8Array, boundary: string | null): Record<string, unknown> {
  if (!boundary) throw new AppError('unsupported_media_type', 'A boundary is expected with multipart/form-data.')
  const parts = partsOf(bytes, boundary)
  if (parts.some(isFile)) throw invalidRequest([{ path: '', message: 'files are not taken' }])
  return formValue(parts.map(readField))
}

/** The parts with their headers read: from here on only their values may be wrong. */
function partsOf(bytes: Uint8Array, boundary: string): MultipartPart[] {
  try {
    const parts = [...readParts(bytes, { boundary, ...limits })]
    if (parts.some((part) => part.name === undefined)) throw malformed()
    return parts
  } catch (error) {
    if (error instanceof MaxPartsExceededError) throw invalidRequest([tooManyFields])
    // The parser decodes headers strictly: a TypeError is one that is not UTF-8.
    if (error instanceof MultipartParseError || error instanceof TypeError) throw malformed()
    throw error
  }
}

/** Not the parser's own `isFile`: that one prints names which it cannot decode. */
function isFile({ headers, mediaType }: MultipartPart): boolean {
  const hasFilename = /;\s*filename\*?\s*=/i.test(headers['content-disposition'] ?? '')
  return hasFilename || mediaType?.toLowerCase() === 'application/octet-stream'
}

function readField(part: MultipartPart): [name: string, value: string] {
  if (!/^(?:7bit|8bit|binary)$/i.test(part.headers['content-transfer-encoding'] ?? '8bit'))
    throw new AppError('unsupported_encoding', 'Parts without Content-Transfer-Encoding are expected (RFC 7578, 4.7).')
  if (!/^(?:utf-?8|us-ascii)$/i.test(charsetOf(part.headers['content-type'])))
    throw new AppError('unsupported_media_type', 'Parts in UTF-8 are expected.')
  return [part.name ?? '', decodeUtf8(part.bytes)]
}

function charsetOf(type = 'text/plain'): string {
  try {
    return new MIMEType(type).params.get('charset') ?? 'utf-8'
  } catch {
    return 'utf-8' // What a field says of itself beyond its charset does not matter: its value is text.
  }
}

function malformed(): AppError {
  return invalidEncoding('The body is not well-formed multipart/form-data of named fields.')
}
