import { Readable } from 'node:stream'

export interface EndableStream {
  readonly readable: Readable
  /** Ends the stream after the chunks that it has read already. */
  end(): void
}

/** Wraps a body whose next chunk may never come, so that its stream can end all the same. */
export function createEndableStream(body: AsyncIterable<Uint8Array>): EndableStream {
  const chunks = body[Symbol.asyncIterator]()
  let isEnded = false
  const push = (chunk: Uint8Array | null) => {
    if (isEnded) return
    isEnded = chunk === null
    readable.push(chunk)
  }
  const readable = new Readable({
    objectMode: true,
    highWaterMark: 1,
    read: () => {
      chunks.next().then(
        ({ done, value }) => push(done ? null : value),
        (error: unknown) => readable.destroy(error instanceof Error ? error : new Error('A stream failed.')),
      )
    },
    destroy: (error, done) => {
      isEnded = true
      // It resolves only when a pending chunk comes: nothing waits for it.
      void Promise.resolve(chunks.return?.()).catch(() => {})
      done(error)
    },
  })
  return { readable, end: () => push(null) }
}
