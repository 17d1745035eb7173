import { LRUCache } from 'lru-cache'

/** Time for which others count as active after their last delivery was claimed. */
const activeMs = 500
/** Deliveries of one claim for a workspace with a backlog, while others are active. */
const turnSize = 16
/** A turn is followed by a rest of so many times the duration of its claim, at most `maxRestMs`. */
const restRatio = 24
const maxRestMs = 1000
/** Claims in a row with at least `largeClaim` deliveries after which a workspace has a backlog. */
const claimsOfBacklog = 20
const largeClaim = 25
/** Time for which a workspace keeps its backlog after the last sign of it. */
const backlogMs = 2000

/**
 * Knows which workspaces have a backlog, and lets them rest between their claims while others are active: what was
 * captured just now is sent before what has waited for a while. Without others, a backlog is sent at full speed.
 */
export interface Backlogs {
  /** Returns whether deliveries of another workspace without a backlog were claimed just now. */
  hasActiveOthers(workspaceId: string): boolean
  /** Returns the maximum slots of a workspace: none while it rests. */
  windowOf(workspaceId: string): number
  /** Records that the fan-out has left a workspace behind. */
  recordBehind(workspaceId: string): void
  /**
   * Records that new deliveries of workspaces were leased at once: they are active, except those with a backlog, or whose
   * last claims may be the beginning of one.
   */
  recordLeased(workspaceIds: readonly string[]): void
  /** Records a claim with its deliveries per workspace, and returns the rests that follow, in ms by workspace. */
  recordClaim(taken: ReadonlyMap<string, number>, ms: number): ReadonlyMap<string, number>
}

interface Backlog {
  largeClaims: number
  until: number
  restsUntil: number
}

/** @param now clock in milliseconds */
export function createBacklogs(now: () => number = () => performance.now()): Backlogs {
  const backlogs = new LRUCache<string, Backlog>({ max: 1000 })
  // The last two active workspaces: one of them is the last other one of any workspace.
  let lastActive = { workspaceId: '', until: 0 }
  let activeBefore = lastActive

  const hasActiveOthers = (workspaceId: string) =>
    (lastActive.workspaceId === workspaceId ? activeBefore : lastActive).until > now()
  const recordActive = (workspaceId: string) => {
    if (lastActive.workspaceId !== workspaceId) activeBefore = lastActive
    lastActive = { workspaceId, until: now() + activeMs }
  }

  const backlogOf = (workspaceId: string): Backlog => {
    const known = backlogs.get(workspaceId) ?? { largeClaims: 0, until: 0, restsUntil: 0 }
    backlogs.set(workspaceId, known)
    return known
  }
  const recordTaken = (workspaceId: string, count: number, ms: number): number => {
    const backlog = backlogOf(workspaceId)
    backlog.largeClaims = count >= largeClaim ? backlog.largeClaims + 1 : 0
    const isGrowing = backlog.largeClaims >= claimsOfBacklog
    const isLeft = backlog.until > now() && count >= turnSize / 2
    if (isGrowing || isLeft) backlog.until = now() + backlogMs
    if (backlog.until <= now()) {
      recordActive(workspaceId)
      return 0
    }
    if (!hasActiveOthers(workspaceId)) return 0
    const restMs = Math.min(ms * restRatio, maxRestMs)
    backlog.restsUntil = now() + restMs
    return restMs
  }

  return {
    hasActiveOthers,
    windowOf: (workspaceId) => {
      const backlog = backlogs.get(workspaceId)
      const hasBacklog = backlog !== undefined && backlog.until > now()
      if (!hasBacklog || !hasActiveOthers(workspaceId)) return Number.POSITIVE_INFINITY
      return backlog.restsUntil > now() ? 0 : turnSize
    },
    recordBehind: (workspaceId) => {
      backlogOf(workspaceId).until = now() + backlogMs
    },
    recordLeased: (workspaceIds) => {
      for (const workspaceId of new Set(workspaceIds)) {
        const { until = 0, largeClaims = 0 } = backlogs.get(workspaceId) ?? {}
        if (until <= now() && largeClaims === 0) recordActive(workspaceId)
      }
    },
    recordClaim: (taken, ms) => {
      const rests = [...taken].map(
        ([workspaceId, count]) => [workspaceId, recordTaken(workspaceId, count, ms)] as const,
      )
      return new Map(rests.filter(([, restMs]) => restMs > 0))
    },
  }
}
