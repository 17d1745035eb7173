import { type Consume, type Consumption, createWindow, type Rate } from '../../platform/limits/rate-limit.ts'

interface Consumed {
  readonly name: string
  readonly rate: Rate
  readonly key: string
  readonly points: number
}

/** Creates the rate limits of all processes of a node, each when it is first used. */
export function createSharedWindows(): { consume(consumed: Consumed): Consumption } {
  const windows = new Map<string, Consume<Consumption>>()
  return {
    consume: ({ name, rate, key, points }) => {
      const window = windows.get(name) ?? createWindow(rate)
      windows.set(name, window)
      return window(key, points)
    },
  }
}
