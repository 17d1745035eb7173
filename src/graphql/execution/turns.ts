import { unavailable } from '../../platform/errors.ts'
import { createKeyedSemaphore } from '../../platform/limits/keyed-semaphore.ts'

/**
 * Limits how many expensive operations run at a time, because the rows, objects and text of each are in memory together.
 * The others wait in order, up to a limit per workspace.
 */
export interface Turns {
  /** Runs the work in its turn. @throws AppError `unavailable` if it waits longer than ten seconds */
  run<Result>(workspaceId: string, work: () => Result): Promise<Awaited<Result>>
}

const defaults = { maxTotal: 12, perWorkspace: 3, maxWaitMs: 10_000 }

interface Waiting {
  readonly workspaceId: string
  begin(end: () => void): void
}

export function createTurns({ maxTotal, perWorkspace, maxWaitMs } = defaults): Turns {
  const workspaceSlots = createKeyedSemaphore(perWorkspace)
  const queue = new Set<Waiting>()
  let running = 0

  const startWaiting = () => {
    for (const waiting of queue) {
      if (running >= maxTotal) return
      const release = workspaceSlots.acquire(waiting.workspaceId)
      if (release === undefined) continue
      queue.delete(waiting)
      running += 1
      waiting.begin(() => {
        running -= 1
        release()
        startWaiting()
      })
    }
  }
  const waitForTurn = (workspaceId: string) =>
    new Promise<() => void>((resolve, reject) => {
      const timeOut = () => {
        queue.delete(waiting)
        reject(unavailable())
      }
      let timer: NodeJS.Timeout | undefined
      const waiting: Waiting = {
        workspaceId,
        begin: (end) => {
          clearTimeout(timer)
          resolve(end)
        },
      }
      queue.add(waiting)
      startWaiting()
      if (queue.has(waiting)) timer = setTimeout(timeOut, maxWaitMs)
    })

  return {
    run: async <Result>(workspaceId: string, work: () => Result): Promise<Awaited<Result>> => {
      const end = await waitForTurn(workspaceId)
      try {
        return await work()
      } finally {
        end()
      }
    },
  }
}
