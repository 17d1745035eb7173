import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AppError } from '../platform/errors.ts'

export const graphqlPath = '/graphql'

/** The GraphQL surface as the HTTP server mounts it. It answers in its own form. */
export interface MountedGraphql {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Answers a request that goes no further. */
  refuse(request: IncomingMessage, response: ServerResponse, error: AppError): void
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}
