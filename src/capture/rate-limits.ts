import { type Allowance, limitByAddress, tightestOf } from '../platform/address-rate-limit.ts'
import { type Rate, type RateLimiter, rateLimited } from '../platform/rate-limit.ts'
import { hasScope, type Viewer } from '../workspaces/viewer.ts'
import type { Workspace } from '../workspaces/workspace.ts'

/** Who is at the door. */
export interface Caller {
  /** As `networkOf` has it. */
  readonly network: string
  readonly workspace: Workspace
  readonly viewer: Viewer | undefined
}

/** A capture that was read and screened. */
interface Judged {
  readonly email: string
  /** Whether screening holds it, or takes it for spam. */
  readonly isScreened: boolean
}

/** How often may be captured without a key (docs/decisions/0019). */
export interface CaptureLimits {
  /** Counts a capture of this address; returns undefined where nothing limits it. Only this limit refuses a capture. */
  checkAddress(caller: Caller): Promise<Allowance | undefined>
  /** Takes a challenge of a proof of work; there are as many as captures. @throws AppError `rate_limited` */
  admitChallenge(caller: Caller): Promise<void>
  /**
   * Counts a capture in the budgets of its e-mail and its workspace; true above one of them. Screened captures count in a
   * budget of their own, so that honeypot posts use up nothing of what people need.
   */
  isOverBudget(caller: Caller, judged: Judged): Promise<boolean>
}

const workspaceRate: Rate = { count: 6000, seconds: 60 }
const addressesPerWorkspace = 100
const timesPerEmail = 10

/** No rate, no limit: neither by address nor by workspace and e-mail, which follow from it. */
export function createCaptureLimits(rates: RateLimiter, rate: Rate | null): CaptureLimits {
  if (rate === null) return noLimits
  const byAddress = limitByAddress(rates, 'address', rate)
  const challenges = limitByAddress(rates, 'challenge', rate)
  const byWorkspace = rates('workspace', rateOfWorkspace(rate))
  const screened = rates('screened', rateOfWorkspace(rate))
  const byEmail = rates('email', rateOfEmail(rate))
  return {
    checkAddress: async (caller) => (isExempt(caller) ? undefined : tightestOf(await byAddress.take(caller.network))),
    admitChallenge: async (caller) => {
      if (isExempt(caller)) return
      const taken = tightestOf(await challenges.take(caller.network))
      if (!taken.isAllowed) throw rateLimited('Too many challenges were asked for from this address.', taken)
    },
    isOverBudget: async (caller, { email, isScreened }) => {
      if (isExempt(caller)) return false
      const { id } = caller.workspace
      if (isScreened) return !(await screened.take(id)).isAllowed
      // The e-mail first: a flood of one e-mail uses up little of the workspace's budget.
      if (!(await byEmail.take(`${id} ${email}`)).isAllowed) return true
      return !(await byWorkspace.take(id)).isAllowed
    },
  }
}

const noLimits: CaptureLimits = {
  checkAddress: async () => undefined,
  admitChallenge: async () => {},
  isOverBudget: async () => false,
}

/** A hundred addresses at their limit, and never less than a busy site. */
export function rateOfWorkspace({ count, seconds }: Rate): Rate {
  const perMinute = Math.ceil((count * addressesPerWorkspace * workspaceRate.seconds) / seconds)
  return { count: Math.max(perMinute, workspaceRate.count), seconds: workspaceRate.seconds }
}

/** From many addresses one person is captured as fast as from one, over ten times the time. */
export function rateOfEmail({ count, seconds }: Rate): Rate {
  return { count: count * timesPerEmail, seconds: seconds * timesPerEmail }
}

function isExempt({ viewer }: Caller): boolean {
  return viewer !== undefined && hasScope(viewer, 'CAPTURE')
}
