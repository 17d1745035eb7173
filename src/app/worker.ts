import { pruneSources } from '../capture/source/source-retention.ts'
import { pruneCaptures, pruneRawFields } from '../capture/submission-retention.ts'
import { startDelivery } from '../delivery/delivery.ts'
import { createEventPrune } from '../delivery/event-retention.ts'
import { createDeliverySender } from '../delivery/test-receiver/test-sender.ts'
import { startRetentionJob } from '../platform/retention-job.ts'
import { finishTimeoutMs } from '../platform/timeout.ts'
import { version } from '../platform/version.ts'
import { pruneSessions } from '../workspaces/sessions/session-retention.ts'
import { createWorkspaceRemoval } from '../workspaces/workspace-removal.ts'
import type { Foundation } from './foundation.ts'

/** Interval at which a worker checks for deleted workspaces. */
const removalEveryMs = 2000

/** Starts the background jobs: delivery, retention and the removal of deleted workspaces. */
export function startWorker(foundation: Foundation): void {
  const { config, database, log, metrics, signals, guard, secretBox, testReceiver, shutdown, readiness } = foundation
  const { leaseMs, retryScheduleSeconds: scheduleSeconds, disableAfterSeconds, retentionDays, submissionDays } = config
  const options = { guard, timeoutMs: config.attemptTimeoutMs, userAgent: `Rex/${version()}` }
  const sender = createDeliverySender(options, testReceiver)
  const { random } = Math
  const rules = { leaseMs, scheduleSeconds, disableAfterSeconds, random }
  const delivery = startDelivery({ database, signals, sender, secretBox, log, recorder: metrics.attempts, ...rules })
  // Callers are served while deliveries wait: beside a surface, /readyz names the problem and stays 200.
  if (config.role === 'worker') readiness.add('workers', delivery.findProblem)
  else readiness.addBeside('workers', delivery.findProblem)
  const pruneEvents = createEventPrune(database, retentionDays)
  const prunes = [
    () => pruneCaptures(database, retentionDays),
    () => pruneRawFields(database, submissionDays),
    () => pruneSources(database, retentionDays),
    () => pruneSessions(database),
  ]
  const retention = startRetentionJob([pruneEvents, ...prunes], log)
  const removal = startRetentionJob([createWorkspaceRemoval(database, log)], log, removalEveryMs)
  shutdown.add('finish', 'delivery', () => delivery.stop(), finishTimeoutMs)
  shutdown.add('finish', 'retention', () => retention.stop())
  shutdown.add('finish', 'removal', () => removal.stop())
  shutdown.add('disconnect', 'sender', () => sender.close())
}
