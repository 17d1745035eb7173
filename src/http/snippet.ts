import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { sendScript } from './script.ts'

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

export function addSnippet(app: FastifyInstance, snippet: ServedSnippet): void {
  app.get(snippetPath, async (request, reply) => {
    const now = new Date()
    return sendScript(request, reply, {
      etag: `W/"${snippet.version(now)}"`, // Weak: two of a day differ in their tokens.
      cacheControl,
      plain: () => snippet.render(now),
      gzipped: () => gzipSync(snippet.render(now), { level: 9 }),
    })
  })
}
