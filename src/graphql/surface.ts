import type { Vigil } from '../database/vigil.ts'
import type { HowReached } from '../reached.ts'
import type { Context, GraphqlParts } from './context.ts'
import type { Sessions } from './sessions.ts'
import type { Yoga } from './yoga.ts'

/** What both ways in, HTTP and WebSocket, work with. */
export interface Surface extends GraphqlParts {
  readonly yoga: Yoga
  readonly sessions: Sessions
  readonly howReached: HowReached
  readonly whileAnswering: Vigil
  contextOf(viewer: Context['viewer'], baseUrl: string): Context
}
