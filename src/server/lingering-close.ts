import type { FastifyInstance } from 'fastify'

const lingerMs = 2000

/**
 * Keeps a connection open for a moment when the response was sent before the body had arrived. Closing at once would
 * reset the connection, and the caller could not read the response.
 */
export function closeLingering(app: FastifyInstance): void {
  app.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.complete) {
      const timer = setTimeout(() => raw.socket.destroy(), lingerMs)
      raw.once('close', () => clearTimeout(timer))
      raw.resume()
    }
    done()
  })
}
