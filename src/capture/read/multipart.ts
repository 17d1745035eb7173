import { createHash } from 'node:crypto'
import { MIMEType } from 'node:util'
import { MultipartParseError, type MultipartPart, parseMultipart as readParts } from '@remix-run/multipart-parser'
import { AppError } from '../../platform/errors.ts'
import { decodeUtf8, invalidEncoding } from '../../platform/text/utf8.ts'
import { type PostedForm, parseFormEntries } from './form.ts'

/** A body of 64 KiB has fewer parts with a name. */
const limits = { maxParts: 2000, maxHeaderSize: 4 * 1024 }
/** Fields that hold no name of a file. */
const noFileFields = new Set(['email', 'first_name', 'last_name', 'source', 'metadata'])

/** Form, and what its files held. */
export interface PostedParts extends PostedForm {
  /** Field, name and SHA-256 of each file that is not empty, in order. */
  readonly files: readonly (readonly string[])[]
}

/**
 * Parses a `multipart/form-data` body into the shape of a JSON one. Of a file its name is kept as the value of its field;
 * an empty one, such as of an input that was left alone, is ignored.
 * @throws AppError `unsupported_media_type` without a boundary or for a part in another charset, `unsupported_encoding`
 * for a part in base64 and the like, `invalid_encoding` for a malformed body, `invalid_request` for a field with one
 * value that was given two
 */
export function parseMultipart(bytes: Uint8Array, boundary: string | null): PostedParts {
  if (!boundary) throw new AppError('unsupported_media_type', 'multipart/form-data needs a boundary.')
  const parts = partsOf(bytes, boundary)
  return { ...parseFormEntries(parts.flatMap(entriesOf)), files: parts.flatMap(fileOf) }
}

/** Reads the parts and checks their headers; after that only their values may be invalid. */
function partsOf(bytes: Uint8Array, boundary: string): MultipartPart[] {
  try {
    const parts = [...readParts(withoutPreamble(bytes, boundary), { boundary, ...limits })]
    if (parts.some((part) => part.name === undefined)) throw malformed()
    return parts
  } catch (error) {
    // The parser decodes headers strictly: a TypeError means that a header is not UTF-8.
    if (error instanceof MultipartParseError || error instanceof TypeError) throw malformed()
    throw error
  }
}

/** Removes what stands before the line of the first boundary (RFC 2046, 5.1.1), which the parser does not expect. */
function withoutPreamble(bytes: Uint8Array, boundary: string): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isFirst = buffer.subarray(0, boundary.length + 2).toString() === `--${boundary}`
  const at = isFirst ? -1 : buffer.indexOf(`\r\n--${boundary}`)
  return at < 0 ? bytes : buffer.subarray(at + 2)
}

function entriesOf(part: MultipartPart): [name: string, value: string][] {
  const name = part.name ?? ''
  const fileName = fileNameOf(part)
  if (fileName === undefined) return [[name, readField(part)]]
  const isKept = part.size > 0 && !noFileFields.has(name) && !name.startsWith('_')
  return isKept ? [[name, fileName]] : []
}

function fileOf(part: MultipartPart): [name: string, fileName: string, hash: string][] {
  const fileName = fileNameOf(part)
  if (fileName === undefined || part.size === 0) return []
  return [[part.name ?? '', fileName, createHash('sha256').update(part.bytes).digest('hex')]]
}

/**
 * Returns the name of a file without its folders, empty where it has none; undefined for a field. Replaces the parser's
 * own `filename`, which prints names that it cannot decode.
 */
function fileNameOf({ headers, mediaType }: MultipartPart): string | undefined {
  const parameters = parametersOf(headers['content-disposition'] ?? '')
  const name = decodedName(parameters.get('filename*')) ?? parameters.get('filename')
  const isFile = name !== undefined || parameters.has('filename*')
  if (!isFile) return mediaType?.toLowerCase() === 'application/octet-stream' ? '' : undefined
  return name?.split(/[\\/]/).at(-1) ?? ''
}

/** Returns the parameters of a header by their names in lower case. */
function parametersOf(header: string): Map<string, string> {
  const matches = header.matchAll(/;\s*([\w*-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;\s]*))/g)
  return new Map(
    [...matches].map(([, name = '', quoted, plain = '']) => [
      name.toLowerCase(),
      quoted?.replaceAll('\\"', '"') ?? plain,
    ]),
  )
}

/** Decodes a name in the form of RFC 8187; undefined if it cannot be decoded. */
function decodedName(value = ''): string | undefined {
  const [, escaped] = /^utf-8'[^']*'(.+)$/i.exec(value) ?? []
  try {
    return escaped === undefined ? undefined : decodeURIComponent(escaped)
  } catch {
    return undefined // The plain name counts, or the file has none.
  }
}

function readField(part: MultipartPart): string {
  if (!/^(?:7bit|8bit|binary)$/i.test(part.headers['content-transfer-encoding'] ?? '8bit'))
    throw new AppError('unsupported_encoding', 'Parts must not have a Content-Transfer-Encoding (RFC 7578, 4.7).')
  if (!/^(?:utf-?8|us-ascii)$/i.test(charsetOf(part.headers['content-type'])))
    throw new AppError('unsupported_media_type', 'Parts must be in UTF-8.')
  return decodeUtf8(part.bytes)
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
