/** Lines of one second that were left out. */
export interface LeftOutLines {
  readonly event: string
  readonly level: number
  readonly count: number
}

/** Returns whether to write a line. */
export type AdmitLine = (level: number, event: string) => boolean

interface Second {
  readonly beganAt: number
  lines: number
}

/**
 * Limits equal lines, which have the same level and event, in each second; ids and durations may differ. At the end of a
 * second it reports what was left out of it, once per level and event.
 */
export function createLineSampling(linesPerSecond: number, report: (leftOut: LeftOutLines) => void): AdmitLine {
  const seconds = new Map<string, Second>()

  const close = (key: string, { lines }: Second, level: number, event: string) => {
    seconds.delete(key)
    report({ event, level, count: lines - linesPerSecond })
  }
  return (level, event) => {
    const key = `${level} ${event}`
    const now = performance.now()
    const current = seconds.get(key)
    if (current === undefined || (current.lines <= linesPerSecond && now - current.beganAt >= 1000)) {
      seconds.set(key, { beganAt: now, lines: 1 })
      return true
    }
    current.lines++
    if (current.lines === linesPerSecond + 1)
      setTimeout(close, Math.max(0, 1000 - (now - current.beganAt)), key, current, level, event).unref()
    return current.lines <= linesPerSecond
  }
}
