import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { createDatabaseWatchdog } from '../database/watchdog.ts'
import type { AppError } from '../platform/errors.ts'
import { createOriginResolver } from '../server/request-origin.ts'
import type { GraphqlParts } from './execution/context.ts'
import { buildYoga } from './execution/yoga.ts'
import { buildSchema } from './schema/schema.ts'
import { schemaText } from './schema/schema-text.ts'
import type { Surface } from './transport/dependencies.ts'
import { refuse } from './transport/http/http-errors.ts'
import { createHttpRequests } from './transport/http/http-requests.ts'
import { corsHeaders } from './transport/page-origins.ts'
import { createSessions } from './transport/sessions.ts'
import { createSocketLimits } from './transport/websocket/limits.ts'
import { createSockets } from './transport/websocket/sockets.ts'
import { createContactEventCache } from './types/contact/contact-event-cache.ts'

export interface GraphqlServer {
  /** The SDL. */
  readonly schemaSdl: string
  /** Answers a request to /graphql, whatever goes wrong: operations, SSE, GraphiQL. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>
  /** Answers a request that goes no further, such as while the server stops, so that pages can read why. */
  refuse(req: IncomingMessage, res: ServerResponse, error: AppError): void
  /** Takes over a socket that wants to be a WebSocket at /graphql. @throws AppError `origin_not_allowed` */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Closes sockets with 1001 and ends streams. */
  stop(): Promise<void>
}

/** The GraphQL surface; which hosts are answered is checked before a request comes here. */
export function createGraphqlServer(parts: GraphqlParts, socketLimits = createSocketLimits()): GraphqlServer {
  const contactEventCache = createContactEventCache()
  const sessions = createSessions(parts.viewers, parts.log)
  parts.access.onWithdrawal((withdrawal) => (withdrawal === undefined ? sessions.look() : sessions.close(withdrawal)))
  const surface: Surface = {
    ...parts,
    yoga: buildYoga(buildSchema(), parts.log, parts.config.isGraphiqlOn),
    sessions,
    whileAnswering: createDatabaseWatchdog(parts.database),
    howReached: createOriginResolver(parts.config.trustedProxies),
    contextOf: (viewer, baseUrl) => ({ ...parts, viewer, baseUrl, contactEventCache }),
  }
  const sockets = createSockets(surface, socketLimits)
  return {
    schemaSdl: schemaText(),
    handle: createHttpRequests(surface),
    refuse: (req, res, error) => {
      for (const [name, value] of Object.entries(corsHeaders(req))) res.setHeader(name, value)
      refuse(parts.log, req, res, error)
    },
    handleUpgrade: sockets.handleUpgrade,
    stop: async () => {
      await sockets.stop()
      sessions.stop()
    },
  }
}
