import type pg from 'pg'
import { SessionClient } from '../session.ts'

/** Time after which a connection plans again: tables grow by thousands of rows a second, and a plan for an empty one may read it whole. */
const planMaxAgeMs = 2000

/** Prepared statements have one plan for any values; the others are planned for their values, each time. */
const planModes = {
  anyValues: 'set plan_cache_mode = force_generic_plan',
  theseValues: 'set plan_cache_mode = auto',
}
type PlanMode = keyof typeof planModes

/**
 * Connection on which PostgreSQL plans a prepared statement once every two seconds, and any other for each execution
 * (docs/decisions/0050). By default it plans a prepared statement of one or two rows for each execution, too, because
 * it expects the plan for any values to cost more; planning takes longer than most of these statements.
 */
export class PlanningClient extends SessionClient {
  /** Undefined while it is unknown: a rollback takes a setting of its transaction back, and so does the commit of a failed one. */
  #mode: PlanMode | undefined
  #plannedAt = performance.now()

  constructor(config?: pg.ClientConfig) {
    super(config)
    const send = this.query
    const query = (...given: readonly unknown[]): unknown => {
      for (const setting of this.#settingsBefore(given[0] as string | pg.QueryConfig)) this.#set(setting)
      return Reflect.apply(send, this, given)
    }
    this.query = query as typeof this.query
    this.connection.on('errorMessage', () => {
      this.#mode = undefined
    })
  }

  /** Returns what to send before a query, so that it is planned as it should be. */
  #settingsBefore(query: string | pg.QueryConfig): readonly string[] {
    const { name, text } = typeof query === 'string' ? { name: '', text: query } : query
    if (/^rollback/i.test(text)) this.#mode = undefined
    if (/^(?:begin|commit|rollback)\b/i.test(text)) return []
    const mode = name ? 'anyValues' : 'theseValues'
    const settings = mode === this.#mode ? [] : [planModes[mode]]
    this.#mode = mode
    if (mode === 'theseValues' || performance.now() - this.#plannedAt < planMaxAgeMs) return settings
    this.#plannedAt = performance.now()
    return [...settings, 'discard plans']
  }

  /**
   * Sends a setting in the packet of the query behind it. If it fails, a transaction or the connection has failed; outside of a
   * transaction, one statement may be planned the other way.
   */
  #set(setting: string): void {
    this.gatherWrites()
    super.query(setting).catch(() => {
      this.#mode = undefined
      this.#plannedAt = Number.NEGATIVE_INFINITY
    })
  }
}
