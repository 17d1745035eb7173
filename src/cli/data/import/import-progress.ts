import { Presets, SingleBar } from 'cli-progress'
import type { CommandContext } from '../../frame/command-context.ts'
import type { Output } from '../../output/output.ts'

/** Progress of an import on a terminal, with rate and time left. */
export interface ImportProgress {
  update(bytes: number, rows: number): void
  stop(): void
}

export function createImportProgress(
  { stderr, settings }: CommandContext,
  { mode }: Output,
  totalBytes: number,
): ImportProgress {
  if (stderr.isTTY !== true || mode !== 'text') return { update: () => {}, stop: () => {} }
  const startedAt = Date.now()
  const bar = new SingleBar(
    {
      stream: stderr,
      format: '{bar} {percentage}% | {rows} rows | {rate} rows/s | {eta_formatted} left',
      barsize: 24,
      hideCursor: settings.allowsColor,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  )
  bar.start(totalBytes, 0, { rows: 0, rate: 0 })
  return {
    update: (bytes, rows) =>
      bar.update(bytes, { rows, rate: Math.round(rows / Math.max(0.1, (Date.now() - startedAt) / 1000)) }),
    stop: () => bar.stop(),
  }
}
