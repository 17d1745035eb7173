import { unavailable } from '../../platform/errors.ts'
import { createKeyedSemaphore } from '../../platform/keyed-semaphore.ts'

/**
 * The turns of operations that may come to much: rows, objects and text of one that is executed are in memory all at
 * once, so few are executed at a time. The others wait in order, each workspace for its own.
 */
export interface Turns {
  /** Runs the work in its turn. @throws AppError `unavailable` when the turn does not come within ten seconds */
  take<Result>(workspaceId: string, work: () => Result): Promise<Awaited<Result>>
}

const usual = { inAll: 12, perWorkspace: 3, withinMs: 10_000 }

interface Waiting {
  readonly workspaceId: string
  begin(end: () => void): void
}

export function createTurns({ inAll, perWorkspace, withinMs } = usual): Turns {
  const ofWorkspaces = createKeyedSemaphore(perWorkspace)
  const queue = new Set<Waiting>()
  let underWay = 0

  const pump = () => {
    for (const waiting of queue) {
      if (underWay >= inAll) return
      const giveBack = ofWorkspaces.acquire(waiting.workspaceId)
      if (giveBack === undefined) continue
      queue.delete(waiting)
      underWay += 1
      waiting.begin(() => {
        underWay -= 1
        giveBack()
        pump()
      })
    }
  }
  const turnOf = (workspaceId: string) =>
    new Promise<() => void>((resolve, reject) => {
      const giveUp = () => {
        queue.delete(waiting)
        reject(unavailable())
      }
      const timer = setTimeout(giveUp, withinMs)
      const waiting: Waiting = {
        workspaceId,
        begin: (end) => {
          clearTimeout(timer)
          resolve(end)
        },
      }
      queue.add(waiting)
      pump()
    })

  return {
    take: async <Result>(workspaceId: string, work: () => Result): Promise<Awaited<Result>> => {
      const end = await turnOf(workspaceId)
      try {
        return await work()
      } finally {
        end()
      }
    },
  }
}
