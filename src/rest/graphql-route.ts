import type { FastifyInstance } from 'fastify'
import type { Log } from '../platform/log.ts'
import { cachedText, sendCached } from '../server/cached-response.ts'
import type { CheckKeylessRate } from '../server/keyless-rate-limit.ts'
import { graphqlPath, type MountedGraphql } from '../server/mounted-graphql.ts'
import { answerRaw } from '../server/node-server.ts'
import { appErrorOf } from '../server/problems.ts'

interface GraphqlParts {
  readonly graphql: MountedGraphql
  readonly schemaSdl: string
  readonly checkKeylessRate: CheckKeylessRate
  readonly log: Log
}

/** Hands requests over as they came: their bodies unread, their answers not ours. */
export function addGraphql(app: FastifyInstance, { graphql, schemaSdl, checkKeylessRate, log }: GraphqlParts): void {
  const sdl = cachedText('text/plain; charset=utf-8', schemaSdl)
  app.get('/schema.graphql', async (request, reply) => sendCached(request, reply, sdl, checkKeylessRate))
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.route({
      method: ['GET', 'POST', 'OPTIONS'],
      url: graphqlPath,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        reply.hijack()
        await graphql.handle(request.raw, reply.raw).catch((error: unknown) => {
          log.error({ request_id: request.id, err: error }, 'http.failed')
          if (reply.raw.headersSent) reply.raw.destroy()
          else answerRaw(reply.raw, appErrorOf(error), log)
        })
      },
    })
    done()
  })
}
