import { Counter, Histogram, type Registry } from 'prom-client'
import type { AttemptResult } from '../../delivery/attempt/attempt.ts'
import type { AttemptRecorder } from '../../delivery/queue/attempt-recorder.ts'
import { timeOfId } from '../../platform/ids.ts'

const deliveredSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86_400]
const commonEnds = [
  { outcome: 'accepted', error: 'none' },
  { outcome: 'refused', error: 'http_status' },
  { outcome: 'unreachable', error: 'connect' },
  { outcome: 'unreachable', error: 'timeout' },
]
const eventsOfCaptures: ReadonlySet<string> = new Set(['contact.created', 'contact.updated'])

/** Adds the metrics of webhook attempts and returns what fills them. */
export function createAttemptMetrics(registry: Registry): AttemptRecorder {
  const registers = [registry]
  const attempts = new Counter({
    name: 'rex_attempts_total',
    help: 'Webhook attempts by outcome (accepted, refused, unreachable) and error (none, http_status, timeout, …).',
    labelNames: ['outcome', 'error'],
    registers,
  })
  // Prometheus sees no increase in a series that begins with its first attempt.
  for (const labels of commonEnds) attempts.inc(labels, 0)
  const delivered = new Histogram({
    name: 'rex_capture_to_delivered_seconds',
    help: 'From the capture of a contact, or its change, to the first 2xx of an endpoint; without replays.',
    buckets: deliveredSeconds,
    registers,
  })
  return {
    recordAttempt: ({ event, trigger }, { outcome, startedAt, durationMs }) => {
      attempts.inc({ outcome: outcome.kind, error: errorOf(outcome) })
      if (outcome.kind !== 'accepted' || trigger !== 'AUTOMATIC') return
      if (event === null || !eventsOfCaptures.has(event.type)) return
      // The clocks of two nodes differ.
      delivered.observe(Math.max(0, startedAt.getTime() + durationMs - timeOfId(event.id).getTime()) / 1000)
    },
  }
}

function errorOf(outcome: AttemptResult['outcome']): string {
  return outcome.kind === 'accepted' ? 'none' : outcome.error.toLowerCase()
}
