import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import { cachedText, sendCached } from './cached.ts'
import type { AdmitKeyless } from './keyless-limit.ts'
import { answerRaw } from './node-server.ts'
import { appErrorOf } from './problems.ts'

export const graphqlPath = '/graphql'

/** The GraphQL surface as it is mounted here; it answers in its own form. */
export interface MountedGraphql {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Answers a request that goes no further. */
  refuse(request: IncomingMessage, response: ServerResponse, error: AppError): void
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

interface GraphqlParts {
  readonly graphql: MountedGraphql
  readonly schemaSdl: string
  readonly admitKeyless: AdmitKeyless
  readonly log: Log
}

/** Hands requests over as they came: their bodies unread, their answers not ours. */
export function addGraphql(app: FastifyInstance, { graphql, schemaSdl, admitKeyless, log }: GraphqlParts): void {
  const sdl = cachedText('text/plain; charset=utf-8', schemaSdl)
  app.get('/schema.graphql', async (request, reply) => sendCached(request, reply, sdl, admitKeyless))
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
