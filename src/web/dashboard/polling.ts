import { sleep } from './backoff.ts'

/** Runs the work at once and then after each wait, until the signal aborts. A hidden page waits. Failures are tried again. */
export function poll(ms: number, signal: AbortSignal, work: () => Promise<void>): void {
  const run = async () => {
    while (!signal.aborted) {
      if (!document.hidden) await work().catch(() => {})
      await sleep(ms, signal)
    }
  }
  void run()
}
