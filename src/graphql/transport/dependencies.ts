import type { Vigil } from '../../database/watchdog.ts'
import type { HowReached } from '../../server/request-origin.ts'
import type { Context, GraphqlParts } from '../execution/context.ts'
import type { Yoga } from '../execution/yoga.ts'
import type { Sessions } from './sessions.ts'

/** What both ways in, HTTP and WebSocket, work with. */
export interface Surface extends GraphqlParts {
  readonly yoga: Yoga
  readonly sessions: Sessions
  readonly howReached: HowReached
  readonly whileAnswering: Vigil
  contextOf(viewer: Context['viewer'], baseUrl: string): Context
}
