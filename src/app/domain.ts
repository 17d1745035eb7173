import { createImportRows } from '../capture/import/import-batch.ts'
import { createModeration } from '../capture/moderation.ts'
import * as captureErasure from '../capture/submission-erasure.ts'
import { createCaptureWriter } from '../capture/write/writer.ts'
import { createContactEdits } from '../contacts/edit.ts'
import { createContactErasure } from '../contacts/erase-contact.ts'
import type { ErasureParticipants } from '../contacts/erasure-participants.ts'
import * as deliveryErasure from '../delivery/delivery-erasure.ts'
import { endpointDeliveries } from '../delivery/endpoint-switch.ts'
import { createManualDeliveries } from '../delivery/manual-deliveries.ts'
import { createReplays } from '../delivery/replay.ts'
import { createTestLeadDeliveries } from '../delivery/test-receiver/test-lead-deliveries.ts'
import { startDeliveryUpdates } from '../delivery/updates.ts'
import { createCursors, readCursorSeal } from '../events/cursor.ts'
import { startLiveEvents } from '../events/live-events.ts'
import { createPseudonyms } from '../platform/crypto/pseudonyms.ts'
import { createRateLimiter } from '../platform/limits/rate-limit.ts'
import { createSharedTimes, timesInRedis } from '../platform/shared-times.ts'
import { createSources } from '../sources/sources.ts'
import { createEndpoints } from '../webhooks/endpoints.ts'
import { createAccess } from '../workspaces/access.ts'
import { createIdentify } from '../workspaces/identify.ts'
import { createKeyFailures } from '../workspaces/key-failures.ts'
import { createKeyRate } from '../workspaces/key-rate-limit.ts'
import { createIsOperator } from '../workspaces/operator.ts'
import { createReplicaReads, keepTimesMs } from '../workspaces/replica-reads.ts'
import { createCallers } from '../workspaces/sessions/callers.ts'
import { createSignIn } from '../workspaces/sessions/sign-in.ts'
import { createWorkspaces } from '../workspaces/workspace.ts'
import type { Foundation } from './foundation.ts'
import { leadReader } from './lead-reader.ts'

/** Services that the APIs offer to callers. */
export type Domain = Awaited<ReturnType<typeof createDomain>>

/** Erasure functions of capture and delivery, which hold data of contacts. */
export const erasureParticipants: ErasureParticipants = { ...captureErasure, ...deliveryErasure }

/** Builds the services that the APIs share. Its live readers start with the first subscriber. */
export async function createDomain({
  config,
  database,
  log,
  metrics,
  redis,
  signals,
  guard,
  secretBox,
  encryptionKeys,
  peers,
  replica,
}: Foundation) {
  const { defaultWorkspace, baseDomain } = config
  const workspaces = createWorkspaces(database)
  const viewers = createCallers(database)
  const access = createAccess({ viewers, workspaces, announce: () => signals.notify('access') })
  signals.subscribe('access', access.invalidate)
  const rates = createRateLimiter(redis, createPseudonyms(encryptionKeys), peers?.count)
  const keyFailures = createKeyFailures(rates)
  const keepMs = keepTimesMs(config.replicaMaxLagMs)
  const times = createSharedTimes(redis === undefined ? peers?.times : timesInRedis(redis, keepMs), keepMs)
  return {
    replica,
    reads: replica && createReplicaReads(database, replica, times),
    workspaces,
    viewers,
    access,
    rates,
    identify: createIdentify({ workspaces, viewers, keyFailures, defaultWorkspace, baseDomain }),
    keyRate: createKeyRate(rates, config.keyRate),
    signIn: createSignIn(database, keyFailures),
    isOperator: createIsOperator(database, defaultWorkspace),
    writer: createCaptureWriter(database, signals, { maxBytes: config.workspaceBytes, recorder: metrics.captures }),
    importRows: createImportRows(database, signals),
    moderation: createModeration({ database, signals, workspaces, heldLeads: leadReader }),
    contactEdits: createContactEdits({ database, signals, workspaces }),
    contactErasure: createContactErasure({ database, signals, participants: erasureParticipants }),
    endpoints: createEndpoints({
      database,
      secretBox,
      checkUrl: guard.checkUrl,
      deliveries: endpointDeliveries,
      onSwitched: () => {
        signals.notify('events')
        signals.notify('deliveries')
      },
    }),
    ...createSources({ database, secretBox, signals }),
    testLeadDeliveries: createTestLeadDeliveries({ database, signals, secretBox }),
    manualDeliveries: createManualDeliveries(database, signals),
    replays: createReplays(database, signals),
    cursors: createCursors(await readCursorSeal(database)),
    live: startLiveEvents(database, signals, log),
    deliveryUpdates: startDeliveryUpdates(database, signals, log),
  }
}
