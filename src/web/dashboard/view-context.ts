import type { Scope } from '../../generated/graphql/graphql.ts'
import type { Api } from './api.ts'
import type { Live } from './live.ts'

/** Context of a view while it is shown. */
export interface ViewContext {
  readonly api: Api
  readonly live: Live
  /** Aborts when the view is left. */
  readonly signal: AbortSignal
  may(scope: Scope): boolean
}
