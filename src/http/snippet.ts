import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

const snippetPath = '/capture.js'

/** The script for web pages, as it is served here. */
export interface ServedSnippet {
  render(now: Date): string
  /** What changes when a cached one should be fetched anew. */
  version(now: Date): string
}

/**
 * Kept for minutes, then asked for anew: a token that is served is never older than a day and these minutes. No cache may
 * serve it beyond that.
 */
const cacheControl = 'public, max-age=300'

/** For any page, whatever its policies on what comes from elsewhere. */
export function addSnippet(app: FastifyInstance, snippet: ServedSnippet): void {
  app.get(snippetPath, async (request, reply) => {
    const now = new Date()
    // Weak: two of a day differ in their tokens.
    const etag = `W/"${snippet.version(now)}"`
    reply.headers({
      etag,
      vary: 'accept-encoding',
      'cache-control': cacheControl,
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    })
    if (isNamed(etag, request.headers['if-none-match'])) return reply.code(304).send()
    reply.type('text/javascript; charset=utf-8')
    const script = snippet.render(now)
    if (!takesGzip(request.headers['accept-encoding'])) return script
    return reply.header('content-encoding', 'gzip').send(gzipSync(script, { level: 9 }))
  })
}

/** Weak comparison (RFC 9110, 8.8.3.2). */
function isNamed(etag: string, ifNoneMatch = ''): boolean {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag))
}

function takesGzip(acceptEncoding = ''): boolean {
  return acceptEncoding.split(',').some((coding) => /^\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding))
}
