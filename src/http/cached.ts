import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** What browsers keep, and ask for by its tag. */
export interface Cached {
  readonly etag: string
  readonly cacheControl: string
  readonly type: string
  plain(): string | Buffer
  gzipped(): Buffer
}

/** It, or 304 to whoever has it. */
export function sendCached(request: FastifyRequest, reply: FastifyReply, cached: Cached): FastifyReply {
  const { etag, cacheControl, type } = cached
  reply.headers({ etag, vary: 'accept-encoding', 'cache-control': cacheControl })
  if (isNamed(etag, request.headers['if-none-match'])) return reply.code(304).send()
  reply.type(type)
  if (!takesGzip(request.headers['accept-encoding'])) return reply.send(cached.plain())
  return reply.header('content-encoding', 'gzip').send(cached.gzipped())
}

/** A text that is another one after an update: browsers ask each time, and are mostly told that they have it. */
export function cachedText(type: string, text: string): Cached {
  let gzipped: Buffer | undefined
  return {
    etag: `W/"${createHash('sha256').update(text).digest('base64url')}"`, // Weak: it is sent in two encodings.
    cacheControl: 'no-cache',
    type,
    plain: () => text,
    gzipped: () => {
      gzipped ??= gzipSync(text, { level: 9 })
      return gzipped
    },
  }
}

/** Weak comparison (RFC 9110, 8.8.3.2). */
function isNamed(etag: string, ifNoneMatch = ''): boolean {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag))
}

function takesGzip(acceptEncoding = ''): boolean {
  return acceptEncoding.split(',').some((coding) => /^\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding))
}
