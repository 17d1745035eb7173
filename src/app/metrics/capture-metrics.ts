import { Counter, Histogram, type Registry } from 'prom-client'
import { type CaptureRecorder, captureEnds, type RecordedCapture } from '../../capture/write/capture-recorder.ts'

const batchSizes = [1, 2, 5, 10, 20, 50, 100, 200]
const commitSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15]

/** Adds the metrics of captures and returns what fills them, once per batch. */
export function createCaptureMetrics(registry: Registry): CaptureRecorder {
  const registers = [registry]
  const captures = new Counter({
    name: 'rex_captures_total',
    help: 'Captures that reached the writer, by outcome and kind of source (none: through no source).',
    labelNames: ['outcome', 'source_kind'],
    registers,
  })
  // Prometheus sees no increase in a series that begins with its first capture.
  for (const outcome of captureEnds) captures.inc({ outcome, source_kind: 'none' }, 0)
  const sizes = new Histogram({
    name: 'rex_capture_batch_size',
    help: 'Captures per commit.',
    buckets: batchSizes,
    registers,
  })
  const commits = new Histogram({
    name: 'rex_capture_commit_seconds',
    help: 'From the first statement of a batch of captures to its commit.',
    buckets: commitSeconds,
    registers,
  })
  const count = (batch: readonly RecordedCapture[]) => {
    for (const { labels, total } of tallyOf(batch)) captures.inc(labels, total)
  }
  return {
    recordBatch: (batch, seconds) => {
      count(batch)
      sizes.observe(batch.length)
      commits.observe(seconds)
    },
    recordFailure: count,
  }
}

/** Counts equal captures of a batch, which has few kinds of them: one increment each, not one per capture. */
function tallyOf(batch: readonly RecordedCapture[]) {
  const tallies = new Map<string, { labels: { outcome: string; source_kind: string }; total: number }>()
  for (const { outcome, sourceKind } of batch) {
    const key = `${outcome} ${sourceKind}`
    const tally = tallies.get(key)
    if (tally === undefined) tallies.set(key, { labels: { outcome, source_kind: sourceKind }, total: 1 })
    else tally.total++
  }
  return tallies.values()
}
