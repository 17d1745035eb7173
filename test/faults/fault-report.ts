import { expect, type TestContext, vi } from 'vitest'

/** The ordinary tests run each fault in a small form; `npm run test:faults` runs the whole. */
const isWhole = process.env['REX_FAULTS'] === 'whole'

vi.setConfig(isWhole ? { testTimeout: 900_000, hookTimeout: 120_000 } : { testTimeout: 120_000 })

export function sized<Value>(sizes: { readonly short: Value; readonly whole: Value }): Value {
  return isWhole ? sizes.whole : sizes.short
}

/** A row of the table that a whole run prints. */
export interface FaultReport {
  readonly fault: string
  readonly acknowledged: number
  readonly lost: number
  readonly duplicates: number
  /** The attempts that were in flight when processes were killed or stopped: as many may be repeated. */
  readonly allowedDuplicates: number
  /** From the fault to the last delivery of what was there before it; null where nothing was interrupted. */
  readonly resumedMs: number | null
}

/** What a whole run has measured beside that, with its unit. */
interface Figure {
  readonly what: string
  readonly value: string
}

declare module 'vitest' {
  interface TaskMeta {
    fault?: FaultReport
    figures?: Figure[]
  }
}

/** Keeps a figure for the report of a whole run. */
export function tellFigure({ task }: TestContext, what: string, value: string): void {
  task.meta.figures = [...(task.meta.figures ?? []), { what, value }]
}

export function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** Keeps the row for the table, and expects of it what the contract promises. */
export function expectKept({ task }: TestContext, row: FaultReport, maxResumedMs = Number.POSITIVE_INFINITY): void {
  task.meta.fault = row
  expect(row.acknowledged).toBeGreaterThan(0)
  expect(row.lost).toBe(0)
  expect(row.duplicates).toBeLessThanOrEqual(row.allowedDuplicates)
  expect(row.resumedMs ?? 0).toBeLessThan(maxResumedMs)
}
