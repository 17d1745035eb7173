import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CheckKeylessRate } from '../request/keyless-rate-limit.ts'
import { weightOf } from '../request/quality-values.ts'
import { addVary } from './vary.ts'

type Body = string | Buffer | Readable

/** An answer that browsers keep, and ask for by its tag. */
export interface Cached {
  readonly etag: string
  readonly cacheControl: string
  readonly type: string
  plain(): Body
  /** Undefined where none is made: what differs by host would be gzipped for each that a caller thinks up. */
  readonly gzipped: (() => Body) | undefined
}

/** Sends it, or 304 to a caller that has it, which counts for no limit. @throws AppError `rate_limited` */
export async function sendCached(
  request: FastifyRequest,
  reply: FastifyReply,
  cached: Cached,
  admit: CheckKeylessRate,
): Promise<FastifyReply> {
  const { etag, cacheControl, type, gzipped } = cached
  const headers = { etag, 'cache-control': cacheControl }
  addVary(reply, 'accept-encoding')
  if (isNamed(etag, request.headers['if-none-match'])) return reply.headers(headers).code(304).send()
  await admit(request)
  const isGzipped = gzipped !== undefined && acceptsGzip(request.headers['accept-encoding'])
  const body = isGzipped ? gzipped() : cached.plain() // It may throw: no header before it.
  reply.headers(isGzipped ? { ...headers, 'content-encoding': 'gzip' } : headers)
  return reply.type(type).send(body)
}

/** A text that an update changes: browsers ask each time, and mostly have it already. */
export function cachedText(type: string, text: string): Cached {
  let gzipped: Buffer | undefined
  return {
    etag: weakTag(text), // Weak: it is sent in two encodings.
    cacheControl: 'no-cache',
    type,
    plain: () => text,
    gzipped: () => {
      gzipped ??= gzipSync(text, { level: 9 })
      return gzipped
    },
  }
}

/** Stands in a text for the address under which a caller reaches this server. */
export const addressMark = '\u0001address\u0001'

/** Makes the text once and puts in the address of each request. */
export function cachedForAddress(type: string, text: string, escaped: (address: string) => string) {
  const parts = text.split(addressMark)
  const tag = hashOf(text)
  return (address: string): Cached => ({
    etag: `W/"${tag}-${hashOf(address).slice(0, 12)}"`,
    cacheControl: 'no-cache',
    type,
    plain: () => parts.join(escaped(address)),
    gzipped: undefined,
  })
}

function weakTag(text: string): string {
  return `W/"${hashOf(text)}"`
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** Weak comparison (RFC 9110, 8.8.3.2). */
function isNamed(etag: string, ifNoneMatch = ''): boolean {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag))
}

/** `x-gzip` is another name of `gzip` (RFC 9110, 8.4.1.3). */
function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return weightOf('gzip', acceptEncoding) > 0 || weightOf('x-gzip', acceptEncoding) > 0
}
