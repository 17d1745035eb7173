import type { FastifyReply, FastifyRequest } from 'fastify'

/** A script that pages of any origin may load, whatever their policies on what comes from elsewhere. */
export interface Script {
  readonly etag: string
  readonly cacheControl: string
  plain(): string | Buffer
  gzipped(): Buffer
}

/** The script, or 304 to whoever has it. */
export function sendScript(request: FastifyRequest, reply: FastifyReply, script: Script): FastifyReply {
  const { etag, cacheControl } = script
  reply.headers({
    etag,
    vary: 'accept-encoding',
    'cache-control': cacheControl,
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  })
  if (isNamed(etag, request.headers['if-none-match'])) return reply.code(304).send()
  reply.type('text/javascript; charset=utf-8')
  if (!takesGzip(request.headers['accept-encoding'])) return reply.send(script.plain())
  return reply.header('content-encoding', 'gzip').send(script.gzipped())
}

/** Weak comparison (RFC 9110, 8.8.3.2). */
function isNamed(etag: string, ifNoneMatch = ''): boolean {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag))
}

function takesGzip(acceptEncoding = ''): boolean {
  return acceptEncoding.split(',').some((coding) => /^\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding))
}
