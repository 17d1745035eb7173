import { type Limit, type Rate, type Rates, rateLimited, type Taken } from '../rates.ts'
import { hasScope, type Viewer } from '../workspaces/viewer.ts'
import type { Workspace } from '../workspaces/workspace.ts'

/** Who is at the door. */
export interface Caller {
  /** As `networkOf` has it. */
  readonly network: string
  readonly workspace: Workspace
  readonly viewer: Viewer | undefined
}

/** What an address has left, to be told in the answer. */
interface Allowance extends Taken {
  readonly limit: Limit
}

/** How often may be captured without a key. */
export interface CaptureLimits {
  /** What is left to this address; undefined where nothing limits it. */
  takeOfAddress(caller: Caller): Promise<Allowance | undefined>
  /** @throws AppError `rate_limited` */
  admit(caller: Caller, allowance: Allowance | undefined): Promise<void>
  /** Of a proof of work; as many as captures. @throws AppError `rate_limited` */
  admitChallenge(caller: Caller): Promise<void>
  /** @throws AppError `rate_limited` */
  admitEmail(caller: Caller, email: string): Promise<void>
}

const workspaceRate: Rate = { count: 6000, seconds: 60 }
const addressesPerWorkspace = 100
const timesPerEmail = 10

/** No rate, no limit: neither by address nor by workspace and e-mail, which follow from it. */
export function createCaptureLimits(rates: Rates, rate: Rate | null): CaptureLimits {
  if (rate === null) return noLimits
  const byAddress = rates('address', rate)
  const challenges = rates('challenge', rate)
  const byWorkspace = rates('workspace', rateOfWorkspace(rate))
  const byEmail = rates('email', rateOfEmail(rate))
  return {
    takeOfAddress: async (caller) =>
      isExempt(caller) ? undefined : { limit: byAddress, ...(await byAddress.take(caller.network)) },
    admit: async ({ workspace }, allowance) => {
      if (allowance === undefined) return
      if (!allowance.isAllowed) throw rateLimited('Too many captures came from this address.', allowance)
      const taken = await byWorkspace.take(workspace.id)
      if (!taken.isAllowed) throw rateLimited('This workspace takes no more captures at the moment.', taken)
    },
    admitChallenge: async (caller) => {
      if (isExempt(caller)) return
      const taken = await challenges.take(caller.network)
      if (!taken.isAllowed) throw rateLimited('Too many challenges were asked for from this address.', taken)
    },
    admitEmail: async (caller, email) => {
      if (isExempt(caller)) return
      const taken = await byEmail.take(`${caller.workspace.id} ${email}`)
      if (!taken.isAllowed) throw rateLimited('This e-mail was captured too often.', taken)
    },
  }
}

const noLimits: CaptureLimits = {
  takeOfAddress: async () => undefined,
  admit: async () => {},
  admitChallenge: async () => {},
  admitEmail: async () => {},
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
