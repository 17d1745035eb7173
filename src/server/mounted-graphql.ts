import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { CheckKeylessRate } from './request/keyless-rate-limit.ts'

export const graphqlPath = '/graphql'

/** The GraphQL surface as the HTTP server mounts it. */
export interface MountedGraphql {
  /** Adds the routes at `/graphql`, in a scope of their own: they read bodies and present errors in their own form. */
  addRoutes(scope: FastifyInstance, checkKeylessRate: CheckKeylessRate): void
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}
