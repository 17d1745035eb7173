import { MIMEType } from 'node:util'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../platform/errors.ts'
import { parseJson } from '../platform/text/json.ts'

/** Every body of the REST part, in bytes. */
export const maxBodyBytes = 64 * 1024

/** How the bytes of a media type become a value; `parameters` are those of the Content-Type. */
export type BodyFormats = Readonly<Record<string, (bytes: Uint8Array, parameters: MIMEType['params']) => unknown>>

export const jsonOnly: BodyFormats = { 'application/json': parseJson }

/**
 * The reader for the body that a request announces, before anything of it is parsed.
 * @throws AppError `unsupported_media_type`, `unsupported_encoding`
 */
export function bodyReader(request: FastifyRequest, formats: BodyFormats): () => unknown {
  const type = mediaTypeOf(request)
  const read = type && formats[type.essence]
  if (!read) {
    const expected = Object.keys(formats).join(', ')
    throw new AppError('unsupported_media_type', `A Content-Type is expected that is one of: ${expected}.`)
  }
  if (request.headers['content-encoding'] !== undefined)
    throw new AppError('unsupported_encoding', 'A body without Content-Encoding is expected.')
  if (!/^utf-?8$/i.test(type.params.get('charset') ?? 'utf-8'))
    throw new AppError('unsupported_media_type', 'A body in UTF-8 is expected.')
  return () => read(bytesOf(request), type.params)
}

/** The body as it came; empty when there was none. */
export function bytesOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** The announced type of a body; undefined when there is none or it cannot be parsed. */
export function mediaTypeOf({ headers }: FastifyRequest): MIMEType | undefined {
  const header = headers['content-type']
  try {
    return header === undefined ? undefined : new MIMEType(header)
  } catch {
    return undefined // What cannot be parsed is no type that anybody takes.
  }
}
