import type { DatabaseWatchdog } from '../../database/connection/watchdog.ts'
import type { ResolveOrigin } from '../../server/request/request-origin.ts'
import type { Context, GraphqlParts } from '../execution/context.ts'
import type { Yoga } from '../execution/yoga.ts'
import type { PlainOperations } from './http/plain-operation.ts'
import type { Sessions } from './sessions.ts'

/** Dependencies of both transports, HTTP and WebSocket. */
export interface Surface extends GraphqlParts {
  readonly yoga: Yoga
  readonly plainOperations: PlainOperations
  readonly sessions: Sessions
  readonly howReached: ResolveOrigin
  readonly whileAnswering: DatabaseWatchdog
  /** @param requestId id of the HTTP request, for the log */
  contextOf(viewer: Context['viewer'], baseUrl: string, requestId?: string): Context
}
