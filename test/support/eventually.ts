import { setTimeout } from 'node:timers/promises'

/** Waits until the condition holds; when it gives up it says what it last saw. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  lastSeen: () => string | Promise<string>,
  timeoutMs = 60_000,
  everyMs = 5,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Gave up after ${timeoutMs} ms; last seen: ${await lastSeen()}`)
    await setTimeout(everyMs)
  }
}
