import type { FastifyInstance } from 'fastify'
import type { MountedGraphql } from '../server/mounted-graphql.ts'
import type { CheckKeylessRate } from '../server/request/keyless-rate-limit.ts'
import { cachedText, sendCached } from '../server/response/cached-response.ts'

interface GraphqlParts {
  readonly graphql: MountedGraphql
  readonly schemaSdl: string
  readonly checkKeylessRate: CheckKeylessRate
}

/** Mounts GraphQL, and serves its schema. */
export function addGraphql(app: FastifyInstance, { graphql, schemaSdl, checkKeylessRate }: GraphqlParts): void {
  const sdl = cachedText('text/plain; charset=utf-8', schemaSdl)
  app.get('/schema.graphql', async (request, reply) => sendCached(request, reply, sdl, checkKeylessRate))
  app.register((scope, _options, done) => {
    graphql.addRoutes(scope, checkKeylessRate)
    done()
  })
}
