import { atMostEvery } from '../platform/at-most-every.ts'
import type { Viewers } from './viewer.ts'
import type { Workspaces } from './workspace.ts'

/** Loss of access: of these keys or sessions of a workspace or, without either, of the whole workspace. */
export interface Withdrawal {
  readonly workspaceId: string
  readonly apiKeyIds?: readonly string[]
  readonly sessionIds?: readonly string[]
}

/** Invalidates the caches of keys and workspaces, and notifies the other nodes. */
export interface Access {
  /**
   * Takes effect on this node before it returns, and on other nodes when they are notified. Call it after the commit.
   */
  withdraw(withdrawal: Withdrawal): void
  /**
   * Makes every node look up workspaces and keys again, such as after one was created or enabled. Call it after the
   * commit.
   */
  renew(): void
  /** Call it when another process has announced a change, or may have. Takes effect at once, but at most every 100 ms. */
  invalidate(): void
  /**
   * Registers a callback: it gets a withdrawal of this node, or nothing when another node may have withdrawn access.
   */
  onWithdrawal(callback: (withdrawal?: Withdrawal) => void): void
}

/**
 * Minimum time between invalidations: each one makes every key be looked up again, and a tenant may revoke without end.
 */
const invalidateEveryMs = 100

export function createAccess(parts: {
  readonly viewers: Viewers
  readonly workspaces: Workspaces
  /** Notifies the other nodes. */
  readonly announce: () => void
}): Access {
  const { viewers, workspaces, announce } = parts
  const callbacks = new Set<(withdrawal?: Withdrawal) => void>()

  const invalidate = atMostEvery(invalidateEveryMs, () => {
    viewers.forget()
    workspaces.forget()
    for (const callback of callbacks) callback()
  })
  return {
    withdraw: (withdrawal) => {
      viewers.forget((viewer) => isWithdrawn(viewer, withdrawal))
      if (isOfWorkspace(withdrawal)) workspaces.forget()
      for (const callback of callbacks) callback(withdrawal)
      announce()
    },
    renew: () => {
      viewers.forget()
      workspaces.forget()
      announce()
    },
    invalidate,
    onWithdrawal: (callback) => void callbacks.add(callback),
  }
}

/** Returns whether a withdrawal concerns a viewer. */
export function isWithdrawn(
  viewer: { readonly workspaceId: string; readonly apiKeyId: string; readonly sessionId?: string },
  withdrawal: Withdrawal,
): boolean {
  if (viewer.workspaceId !== withdrawal.workspaceId) return false
  const { apiKeyIds = [], sessionIds = [] } = withdrawal
  return (
    isOfWorkspace(withdrawal) ||
    apiKeyIds.includes(viewer.apiKeyId) ||
    (viewer.sessionId !== undefined && sessionIds.includes(viewer.sessionId))
  )
}

function isOfWorkspace({ apiKeyIds, sessionIds }: Withdrawal): boolean {
  return apiKeyIds === undefined && sessionIds === undefined
}
