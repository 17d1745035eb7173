import { createDatabaseWatchdog } from '../database/connection/watchdog.ts'
import type { MountedGraphql } from '../server/mounted-graphql.ts'
import { createOriginResolver } from '../server/request/request-origin.ts'
import type { GraphqlParts } from './execution/context.ts'
import { buildYoga } from './execution/yoga.ts'
import { buildSchema } from './schema/schema.ts'
import { schemaText } from './schema/schema-text.ts'
import { createContactPages } from './transport/contact-pages.ts'
import type { Surface } from './transport/dependencies.ts'
import { createPlainOperations } from './transport/http/plain-operation.ts'
import { addGraphqlRoutes } from './transport/http/routes.ts'
import { createSessions } from './transport/sessions.ts'
import { createSocketLimits, socketPlaces } from './transport/websocket/socket-limits.ts'
import { createSockets } from './transport/websocket/sockets.ts'
import { createContactEventCache } from './types/contact/contact-event-cache.ts'

export interface GraphqlServer extends MountedGraphql {
  /** The SDL. */
  readonly schemaSdl: string
  /** Live subscribers: WebSockets with a key and event streams, and how many sockets were dropped since the start. */
  readonly subscribers: { readonly open: number; readonly dropped: number }
  /** Closes sockets with 1001 and ends streams. */
  stop(): Promise<void>
}

/** The GraphQL surface; which hosts are answered is checked before a request comes here. */
export function createGraphqlServer(
  parts: GraphqlParts,
  places = socketPlaces(parts.config.socketLimit),
): GraphqlServer {
  const contactEventCache = createContactEventCache()
  const sessions = createSessions(parts.viewers, parts.log)
  parts.access.onWithdrawal((withdrawal) => (withdrawal === undefined ? sessions.look() : sessions.close(withdrawal)))
  const schema = buildSchema()
  const yoga = buildYoga(schema, parts.log, parts.config.isGraphiqlOn, parts.reads)
  const surface: Surface = {
    ...parts,
    yoga,
    plainOperations: createPlainOperations(yoga),
    sessions,
    whileAnswering: createDatabaseWatchdog(parts.database),
    howReached: createOriginResolver(parts.config.trustedProxies),
    contextOf: (viewer, baseUrl, requestId) => ({ ...parts, viewer, baseUrl, requestId, contactEventCache }),
  }
  const sockets = createSockets(surface, createSocketLimits(places, parts.createSemaphore))
  return {
    schemaSdl: schemaText(),
    get subscribers() {
      return { open: sessions.lastingCount, dropped: sockets.droppedCount }
    },
    addRoutes: (scope, checkKeylessRate) => addGraphqlRoutes(scope, surface, checkKeylessRate),
    readContactPage: createContactPages(schema, surface.contextOf, parts.reads),
    handleUpgrade: sockets.handleUpgrade,
    stop: async () => {
      await sockets.stop()
      sessions.stop()
    },
  }
}
