import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type AppError, unavailable } from '../../../platform/errors.ts'
import { unauthenticated } from '../../../workspaces/sent-key.ts'
import type { Viewer } from '../../../workspaces/viewer.ts'
import type { Sessions } from '../sessions.ts'
import { createEndableStream, type EndableStream } from './endable-stream.ts'

interface TrackedOperation {
  /** Aborted when the caller has gone. */
  readonly gone: AbortSignal
  /** Returns the stream to send, which ends with its key. @throws AppError when the key or the server has ended already */
  stream(body: AsyncIterable<Uint8Array> | null): Readable
}

/**
 * Ends a stream when its key is revoked or the server stops. Any other operation that has begun gets its response: what
 * it changed is changed.
 */
export function trackOperation(
  sessions: Sessions,
  viewer: Viewer,
  { headers }: FastifyRequest,
  { raw }: FastifyReply,
): TrackedOperation {
  const gone = new AbortController()
  let ended: AppError | undefined
  let streamed: EndableStream | undefined
  const end = (reason: AppError) => {
    ended ??= reason
    streamed?.end()
  }
  const mayStream = (headers.accept ?? '').includes('text/event-stream')
  const session = sessions.open({
    viewer,
    close: () => end(unauthenticated()),
    ...(mayStream && { leave: () => end(unavailable()) }),
  })
  raw.once('close', () => {
    session.end()
    // An abort creates an exception with its stack, so only a caller who has really gone causes one.
    if (!raw.writableFinished) gone.abort()
  })
  return {
    gone: gone.signal,
    stream: (body) => {
      if (ended !== undefined) throw ended
      if (body === null) return Readable.from([])
      streamed = createEndableStream(body)
      return streamed.readable
    },
  }
}
