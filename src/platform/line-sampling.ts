/** Lines of one second that were left out. */
export interface LeftOutLines {
  readonly event: string
  readonly level: number
  readonly count: number
}

/** Limit of equal lines. */
interface LineSampling {
  /** Returns whether to write a line. */
  admit(level: number, event: string): boolean
  /** Reports what was left out of the seconds that have not ended. */
  flush(): void
}

interface Second {
  readonly level: number
  readonly event: string
  readonly beganAt: number
  lines: number
  /** Set once lines are left out. */
  end?: NodeJS.Timeout
}

/**
 * Limits equal lines, which have the same level and event, in each second; ids and durations may differ. At the end of a
 * second it reports what was left out of it, once per level and event.
 */
export function createLineSampling(linesPerSecond: number, report: (leftOut: LeftOutLines) => void): LineSampling {
  const seconds = new Map<string, Second>()

  const close = (key: string, { level, event, lines, end }: Second) => {
    clearTimeout(end)
    seconds.delete(key)
    if (lines > linesPerSecond) report({ event, level, count: lines - linesPerSecond })
  }
  const admit = (level: number, event: string) => {
    const key = `${level} ${event}`
    const now = performance.now()
    const current = seconds.get(key)
    if (current === undefined || (current.lines <= linesPerSecond && now - current.beganAt >= 1000)) {
      seconds.set(key, { level, event, beganAt: now, lines: 1 })
      return true
    }
    current.lines++
    if (current.lines === linesPerSecond + 1)
      current.end = setTimeout(close, Math.max(0, 1000 - (now - current.beganAt)), key, current).unref()
    return current.lines <= linesPerSecond
  }
  return {
    admit,
    flush: () => {
      for (const [key, second] of [...seconds]) close(key, second)
    },
  }
}
