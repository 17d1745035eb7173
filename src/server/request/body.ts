import { MIMEType } from 'node:util'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../../platform/errors.ts'
import { parseJson } from '../../platform/text/json.ts'

/** Limit of every body of the REST part. */
export const maxBodyBytes = 64 * 1024

/** Parsers by media type; `parameters` are those of the Content-Type. */
export type BodyFormats<Body = unknown> = Readonly<
  Record<string, (bytes: Uint8Array, parameters: MIMEType['params']) => Body>
>

export const jsonOnly: BodyFormats = { 'application/json': parseJson }

/**
 * Returns the reader for the body that a request announces, before anything of it is parsed.
 * @throws AppError `unsupported_media_type`, `unsupported_encoding`
 */
export function bodyReader<Body>(request: FastifyRequest, formats: BodyFormats<Body>): () => Body | undefined {
  const { essence, params } = checkBodyType(request, Object.keys(formats))
  return () => formats[essence]?.(bytesOf(request), params)
}

/**
 * Checks the headers of a body: one of these types, in UTF-8, not encoded. Needs nothing of the body itself.
 * @throws AppError `unsupported_media_type`, `unsupported_encoding`
 */
export function checkBodyType(request: FastifyRequest, expected: readonly string[]): MIMEType {
  const type = mediaTypeOf(request)
  if (type === undefined || !expected.includes(type.essence))
    throw new AppError('unsupported_media_type', `A Content-Type is expected that is one of: ${expected.join(', ')}.`)
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw new AppError('unsupported_encoding', 'A body without Content-Encoding is expected.')
  if (!/^utf-?8$/i.test(type.params.get('charset') ?? 'utf-8'))
    throw new AppError('unsupported_media_type', 'A body in UTF-8 is expected.')
  return type
}

/** Returns the body as it came; empty when there was none. */
export function bytesOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** Returns the announced type of a body; undefined when there is none or it cannot be parsed. */
export function mediaTypeOf({ headers }: FastifyRequest): MIMEType | undefined {
  const header = headers['content-type']
  try {
    return header === undefined ? undefined : new MIMEType(header)
  } catch {
    return undefined // No route accepts a type that cannot be parsed.
  }
}
