import { type Allowance, limitByAddress, tightestOf } from '../platform/limits/address-rate-limit.ts'
import { type Rate, type RateLimiter, rateLimited } from '../platform/limits/rate-limit.ts'
import { hasScope, type Viewer } from '../workspaces/viewer.ts'
import type { Workspace } from '../workspaces/workspace.ts'

/** Caller of the capture API. */
export interface Caller {
  /** Network of the client, as `networkOf` returns it. */
  readonly network: string
  readonly workspace: Workspace
  readonly viewer: Viewer | undefined
}

/** Capture that was parsed and screened. */
interface ScreenedCapture {
  readonly email: string
  /** Whether screening holds it or marks it as spam. */
  readonly isScreened: boolean
}

/** Rate limits of captures without a key (docs/decisions/0019). */
export interface CaptureLimits {
  /** Counts a capture of this address; returns undefined when no limit applies. Only this limit rejects a capture. */
  checkAddress(caller: Caller): Promise<Allowance | undefined>
  /** Counts a proof-of-work challenge; the rate equals that of captures. @throws AppError `rate_limited` */
  consumeChallenge(caller: Caller): Promise<void>
  /**
   * Counts a capture in the budgets of its e-mail and its workspace; returns true when one of them is exceeded.
   * Screened captures have a budget of their own, so that honeypot posts use up none of the budget of people.
   */
  isOverBudget(caller: Caller, capture: ScreenedCapture): Promise<boolean>
}

const workspaceRate: Rate = { count: 6000, seconds: 60 }
const addressesPerWorkspace = 100
const timesPerEmail = 10

/**
 * Creates the limits of captures. Null disables all of them: those by workspace and e-mail are derived from the rate.
 */
export function createCaptureLimits(rates: RateLimiter, rate: Rate | null): CaptureLimits {
  if (rate === null) return noLimits
  const byAddress = limitByAddress(rates, 'address', rate)
  const challenges = limitByAddress(rates, 'challenge', rate)
  const byWorkspace = rates('workspace', rateOfWorkspace(rate))
  const screened = rates('screened', rateOfWorkspace(rate))
  const byEmail = rates('email', rateOfEmail(rate))
  return {
    checkAddress: async (caller) =>
      isExempt(caller) ? undefined : tightestOf(await byAddress.consume(caller.network)),
    consumeChallenge: async (caller) => {
      if (isExempt(caller)) return
      const taken = tightestOf(await challenges.consume(caller.network))
      if (!taken.isAllowed) throw rateLimited('Too many challenges were requested from this address.', taken)
    },
    isOverBudget: async (caller, { email, isScreened }) => {
      if (isExempt(caller)) return false
      const { id } = caller.workspace
      if (isScreened) return !(await screened.consume(id)).isAllowed
      // The e-mail comes first: a flood of one e-mail uses up little of the workspace's budget.
      if (!(await byEmail.consume(`${id} ${email}`)).isAllowed) return true
      return !(await byWorkspace.consume(id)).isAllowed
    },
  }
}

const noLimits: CaptureLimits = {
  checkAddress: async () => undefined,
  consumeChallenge: async () => {},
  isOverBudget: async () => false,
}

/** Returns the rate of a hundred addresses at their limit, and at least that of a busy site. */
export function rateOfWorkspace({ count, seconds }: Rate): Rate {
  const perMinute = Math.ceil((count * addressesPerWorkspace * workspaceRate.seconds) / seconds)
  return { count: Math.max(perMinute, workspaceRate.count), seconds: workspaceRate.seconds }
}

/**
 * Returns ten times the count in ten times the seconds: many addresses capture one e-mail as fast as one address does.
 */
export function rateOfEmail({ count, seconds }: Rate): Rate {
  return { count: count * timesPerEmail, seconds: seconds * timesPerEmail }
}

function isExempt({ viewer }: Caller): boolean {
  return viewer !== undefined && hasScope(viewer, 'CAPTURE')
}
