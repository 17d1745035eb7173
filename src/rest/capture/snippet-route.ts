import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import type { CheckKeylessRate } from '../../server/request/keyless-rate-limit.ts'
import { type Script, sendScript } from '../pages/script-response.ts'

const snippetPath = '/capture.js'

/** The script for web pages, as it is served here. */
export interface ServedSnippet {
  render(now: Date): string
  /** Returns a version, which changes when a cached script is to be fetched anew. */
  version(now: Date): string
}

/**
 * Kept for minutes, then asked for anew: a token that is served is never older than a day and these minutes. No cache may
 * serve it beyond that.
 */
const cacheControl = 'public, max-age=300'
/** One script serves many requests: its token is a little older than it could be. */
const madeForMs = 1000

export function addSnippet(app: FastifyInstance, snippet: ServedSnippet, checkKeylessRate: CheckKeylessRate): void {
  let made: { readonly script: Script; readonly until: number } | undefined
  const current = (): Script => {
    const now = Date.now()
    if (made === undefined || now >= made.until)
      made = { script: scriptAt(snippet, new Date(now)), until: now + madeForMs }
    return made.script
  }
  app.get(snippetPath, async (request, reply) => sendScript(request, reply, current(), checkKeylessRate))
}

function scriptAt(snippet: ServedSnippet, now: Date): Script {
  const text = snippet.render(now)
  const gzipped = gzipSync(text, { level: 9 })
  // Weak: two of a day differ in their tokens.
  return { etag: `W/"${snippet.version(now)}"`, cacheControl, plain: () => text, gzipped: () => gzipped }
}
