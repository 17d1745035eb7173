import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Viewer } from '../workspaces/viewer.ts'
import type { CheckKeylessRate } from './request/keyless-rate-limit.ts'

/** Part of the contacts that match, newest first. `filter` is a ContactFilter of the schema. */
export interface ContactPageRequest {
  readonly filter: unknown
  readonly search: string | null
  readonly after: string | null
}

/**
 * Returns a page of contacts as the viewer may see them, with the field names of the schema.
 * @throws AppError `invalid_request` for a wrong filter, `insufficient_scope` for a filter by e-mail without PII_READ
 */
export type ReadContactPage = (
  viewer: Viewer,
  request: ContactPageRequest,
) => Promise<{
  readonly contacts: readonly Readonly<Record<string, unknown>>[]
  /** Cursor of the next page; null for the last one. */
  readonly next: string | null
}>

export const graphqlPath = '/graphql'

/** The GraphQL surface as the HTTP server mounts it. */
export interface MountedGraphql {
  /** Adds the routes at `/graphql`, in a scope of their own: they read bodies and present errors in their own form. */
  addRoutes(scope: FastifyInstance, checkKeylessRate: CheckKeylessRate): void
  readonly readContactPage: ReadContactPage
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}
