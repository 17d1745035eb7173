import type { Viewers } from './viewer.ts'
import type { Workspaces } from './workspace.ts'

/** What may do nothing any more: these keys of a workspace, or without keys the workspace as a whole. */
export interface Withdrawal {
  readonly workspaceId: string
  readonly apiKeyIds?: readonly string[]
}

/** The end of what was allowed: what is remembered of keys and workspaces, and who is to be told. */
export interface Access {
  /** Takes effect on this node before it returns, on other nodes as soon as they hear of it. Call it after the commit. */
  withdraw(withdrawal: Withdrawal): void
  /** Makes every node look up workspaces and keys anew, such as after one was made or enabled. Call it after the commit. */
  renew(): void
  /** Called when another node has announced a change, or may have. */
  hear(): void
  /** Calls back with what was withdrawn here, and without it when something may have been withdrawn elsewhere. */
  onWithdrawal(callback: (withdrawal?: Withdrawal) => void): void
}

/** Hearing makes every key be looked up anew: a tenant that revokes without end causes this ten times a second at most. */
const hearEveryMs = 100

export function createAccess(parts: {
  readonly viewers: Viewers
  readonly workspaces: Workspaces
  /** Tells the other nodes. */
  readonly announce: () => void
}): Access {
  const { viewers, workspaces, announce } = parts
  const callbacks = new Set<(withdrawal?: Withdrawal) => void>()
  let isHearing = false

  const hearNow = () => {
    isHearing = false
    viewers.forget()
    workspaces.forget()
    for (const callback of callbacks) callback()
  }
  return {
    withdraw: (withdrawal) => {
      viewers.forget((viewer) => isWithdrawn(viewer, withdrawal))
      if (withdrawal.apiKeyIds === undefined) workspaces.forget()
      for (const callback of callbacks) callback(withdrawal)
      announce()
    },
    renew: () => {
      viewers.forget()
      workspaces.forget()
      announce()
    },
    hear: () => {
      if (!isHearing) setTimeout(hearNow, hearEveryMs).unref()
      isHearing = true
    },
    onWithdrawal: (callback) => void callbacks.add(callback),
  }
}

/** Returns whether a withdrawal concerns a key. */
export function isWithdrawn(
  key: { readonly workspaceId: string; readonly apiKeyId: string },
  { workspaceId, apiKeyIds }: Withdrawal,
): boolean {
  return key.workspaceId === workspaceId && (apiKeyIds === undefined || apiKeyIds.includes(key.apiKeyId))
}
