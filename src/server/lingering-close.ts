import type { FastifyInstance } from 'fastify'

const lingerMs = 2000

/**
 * Whoever is answered in the middle of their body gets a moment to read the answer: to close at once would reset the
 * connection, and with it the answer that is on its way.
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
