import { setTimeout } from 'node:timers/promises'
import type { Database, Tx } from '../../database/database.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { Signals } from '../../events/signals.ts'
import { type Batcher, createBatcher } from '../../platform/batcher.ts'
import { AppError, unavailable } from '../../platform/errors.ts'
import { disableGoneEndpoint, type EndpointReport, recordHealth } from '../../webhooks/endpoint-health.ts'
import { endpointDeliveries } from '../endpoint-switch.ts'
import type { DueStarts } from './due-starts.ts'
import { leadsWithPrevious, type Settlement, settleDeliveries } from './queue.ts'

const maxSettled = 200
const retryEveryMs = 250

/** A settlement, and whether the endpoint said that it is gone. */
export type Result = Settlement & { readonly endpointGone: boolean }

export interface SettlerParts {
  readonly database: Database
  readonly signals: Signals
  /** Duration of a lease: after it another worker may hold the delivery, and nothing is left to settle. */
  readonly leaseMs: number
  readonly disableAfterSeconds: number
  readonly starts: DueStarts
  /** Called after a commit when more can be claimed immediately. */
  readonly onMoreDue: () => void
  /** Called after a commit with the time until a retry is due. */
  readonly onRetryIn: (ms: number) => void
  /** Aborted when the settler must no longer wait for a database that is down. */
  readonly stopRetrying: AbortSignal
}

/** Settles attempts in batches; returns for each whether its delivery still belonged to this worker. */
export function createSettler(parts: SettlerParts): Batcher<Result, boolean> {
  return createBatcher<Result, boolean>({
    maxItems: maxSettled,
    inFlight: 1,
    maxWaiting: Number.POSITIVE_INFINITY,
    whenFull: unavailable,
    failsTogether: isUnavailable,
    write: async (results) => {
      const settled = await whileLeased(parts, () => settle(results, parts))
      parts.signals.notify('attempts')
      if (settled.events > 0) parts.signals.notify('events')
      const dueAgain = results.filter(isDueAgain)
      // A retry with the other secret keeps its place, which may be before the start.
      for (const { delivery } of dueAgain) parts.starts.forget(delivery.workspaceId, delivery.endpointId)
      if (settled.moreIsDue || dueAgain.length > 0) parts.onMoreDue()
      for (const { verdict } of results)
        if (verdict.status === 'RETRYING' && verdict.delaySeconds > 0) parts.onRetryIn(verdict.delaySeconds * 1000)
      return results.map(({ delivery }) => ({ ok: true, value: settled.ids.has(delivery.id) }))
    },
  })
}

/** Settles with one statement while no endpoint changes, as it is with successes of healthy endpoints. */
async function settle(results: readonly Result[], { database, disableAfterSeconds, starts }: SettlerParts) {
  const reports = reportsOf(results)
  if (reports.length === 0 && !results.some(({ endpointGone }) => endpointGone))
    return { ...(await settleDeliveries(database, results, starts)), events: 0 }
  return await database.inTransaction((tx) => settleAndReport(tx, results, { reports, disableAfterSeconds, starts }))
}

interface Reported {
  readonly reports: readonly EndpointReport[]
  readonly disableAfterSeconds: number
  readonly starts: DueStarts
}

/** Writes endpoints before deliveries, the lock order of all transactions, and events last, as the log requires. */
async function settleAndReport(tx: Tx, results: readonly Result[], { reports, disableAfterSeconds, starts }: Reported) {
  const events = await recordHealth(tx, reports, { deliveries: endpointDeliveries, disableAfterSeconds })
  for (const { delivery, result, endpointGone } of results)
    if (endpointGone) events.push(...(await disableGoneEndpoint(tx, delivery, result.inside, endpointDeliveries)))
  const settled = await settleDeliveries(tx, results, starts)
  await appendEvents(tx, events)
  return { ...settled, events: events.length }
}

function isDueAgain({ verdict }: Result): boolean {
  return verdict.status === 'RETRYING' && verdict.delaySeconds === 0
}

/** Retries while the database is down, so that a delivery that a receiver has accepted is not sent again. */
async function whileLeased<Value>(
  { leaseMs, stopRetrying }: Pick<SettlerParts, 'leaseMs' | 'stopRetrying'>,
  work: () => Promise<Value>,
): Promise<Value> {
  const deadline = performance.now() + leaseMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isUnavailable(error) || performance.now() > deadline || stopRetrying.aborted) throw error
      await setTimeout(retryEveryMs)
    }
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unavailable'
}

/** Returns one report per endpoint, in the order of their keys. */
function reportsOf(results: readonly Result[]): EndpointReport[] {
  const relevant = results.filter((result) => !retriesWithOtherSecret(result))
  const byEndpoint = Map.groupBy(relevant, ({ delivery }) => `${delivery.workspaceId} ${delivery.endpointId}`)
  const changed = [...byEndpoint].filter(([, ofEndpoint]) => ofEndpoint.some(affectsHealth))
  return changed.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, ofEndpoint]) => reportOf(ofEndpoint))
}

function retriesWithOtherSecret({ verdict }: Result): boolean {
  return verdict.status === 'RETRYING' && verdict.leadWithPrevious !== null
}

/** Whether a result alone affects health: not a success of an endpoint that was healthy when it was claimed. */
function affectsHealth({ delivery, verdict }: Result): boolean {
  return verdict.status !== 'SUCCEEDED' || delivery.endpointFails || delivery.previousSecret !== null
}

function reportOf(results: readonly Result[]): EndpointReport[] {
  const [first] = results
  if (first === undefined) return []
  const lastSuccess = results.findLastIndex(({ verdict }) => verdict.status === 'SUCCEEDED')
  const delays = results.map(({ verdict }) => (verdict.status === 'RETRYING' ? verdict.delaySeconds : Infinity))
  const { workspaceId, endpointId } = first.delivery
  return [
    {
      workspaceId,
      endpointId,
      succeeded: lastSuccess >= 0,
      failures: results.length - 1 - lastSuccess,
      retrySeconds: Math.min(...delays, 3600),
      isFailingHard: results.some(failsForFourthTime),
      acceptsPrevious: acceptedSecret(results[lastSuccess]),
    },
  ]
}

function failsForFourthTime({ delivery, verdict }: Result): boolean {
  return verdict.status !== 'SUCCEEDED' && delivery.attemptCount === 3
}

function acceptedSecret(success: Result | undefined): boolean | null {
  if (success === undefined || success.delivery.previousSecret === null) return null
  return leadsWithPrevious(success.delivery)
}
