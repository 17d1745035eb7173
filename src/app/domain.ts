import * as captureErasure from '../capture/erasure.ts'
import { createModeration } from '../capture/moderation.ts'
import { createCaptureWriter } from '../capture/write/writer.ts'
import { createContactEdits } from '../contacts/edit.ts'
import { createContactErasure } from '../contacts/erasure.ts'
import type { ContactTraces } from '../contacts/erasure-participants.ts'
import { endpointDeliveries } from '../delivery/endpoint-switch.ts'
import * as deliveryErasure from '../delivery/erasure.ts'
import { createDeliveriesByHand } from '../delivery/manual-deliveries.ts'
import { createReplays } from '../delivery/replay.ts'
import { startDeliveryUpdates } from '../delivery/updates.ts'
import { createCursors, readCursorSeal } from '../events/cursor.ts'
import { startLiveEvents } from '../events/live-events.ts'
import { createPseudonyms } from '../platform/crypto/pseudonyms.ts'
import { createRates } from '../platform/rate-limit.ts'
import { createEndpoints } from '../webhooks/endpoints.ts'
import { createAccess } from '../workspaces/access.ts'
import { createIdentify } from '../workspaces/identify.ts'
import { createKeyFailures } from '../workspaces/key-failures.ts'
import { createKeyRate } from '../workspaces/key-rate.ts'
import { createIsOperator } from '../workspaces/operator.ts'
import { createViewers } from '../workspaces/viewer.ts'
import { createWorkspaces } from '../workspaces/workspace.ts'
import type { Foundation } from './foundation.ts'

/** What the surfaces offer to callers. */
export type Domain = Awaited<ReturnType<typeof createDomain>>

/** The parts of capture and delivery that hold data of a contact, for its erasure. */
export const contactTraces: ContactTraces = { ...captureErasure, ...deliveryErasure }

/** Builds what the surfaces share. Its live readers read once somebody subscribes. */
export async function createDomain({
  config,
  database,
  log,
  redis,
  wake,
  guard,
  secretBox,
  encryptionKeys,
}: Foundation) {
  const { defaultWorkspace, baseDomain } = config
  const workspaces = createWorkspaces(database)
  const viewers = createViewers(database)
  const access = createAccess({ viewers, workspaces, announce: () => wake.wake('access') })
  wake.onWake('access', access.hear)
  const rates = createRates(redis, createPseudonyms(encryptionKeys))
  const keyFailures = createKeyFailures(rates)
  return {
    workspaces,
    viewers,
    access,
    rates,
    identify: createIdentify({ workspaces, viewers, keyFailures, defaultWorkspace, baseDomain }),
    keyRate: createKeyRate(rates, config.keyRate),
    isOperator: createIsOperator(database, defaultWorkspace),
    writer: createCaptureWriter(database, wake, { maxBytes: config.workspaceBytes }),
    moderation: createModeration({ database, wake, workspaces }),
    contactEdits: createContactEdits({ database, wake, workspaces }),
    contactErasure: createContactErasure({ database, wake, traces: contactTraces }),
    endpoints: createEndpoints({
      database,
      secretBox,
      checkUrl: guard.checkUrl,
      deliveries: endpointDeliveries,
      onSwitched: () => {
        wake.wake('events')
        wake.wake('deliveries')
      },
    }),
    deliveriesByHand: createDeliveriesByHand(database, wake),
    replays: createReplays(database, wake),
    cursors: createCursors(await readCursorSeal(database)),
    live: startLiveEvents(database, wake, log),
    deliveryUpdates: startDeliveryUpdates(database, wake, log),
  }
}
