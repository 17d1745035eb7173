import type { LRUCache } from 'lru-cache'
import type { Config } from '../config.ts'
import type { ContactEdits } from '../contacts/edit.ts'
import type { Database } from '../database/database.ts'
import type { DeliveriesByHand } from '../delivery/by-hand.ts'
import type { Replays } from '../delivery/replay.ts'
import type { DeliveryUpdates } from '../delivery/updates.ts'
import type { LiveEvents } from '../events/live.ts'
import type { Contact } from '../generated/prisma/client.ts'
import type { Log } from '../log.ts'
import type { Endpoints } from '../webhooks/endpoints.ts'
import type { Identify } from '../workspaces/identify.ts'
import type { KeyRate } from '../workspaces/key-rate.ts'
import type { Viewer, Viewers } from '../workspaces/viewer.ts'
import type { Workspaces } from '../workspaces/workspace.ts'

/** What the GraphQL surface is built from. */
export interface GraphqlParts {
  readonly config: Config
  readonly database: Database
  readonly identify: Identify
  readonly workspaces: Workspaces
  readonly viewers: Viewers
  readonly keyRate: KeyRate
  readonly live: LiveEvents
  readonly contactEdits: ContactEdits
  readonly endpoints: Endpoints
  readonly deliveriesByHand: DeliveriesByHand
  readonly replays: Replays
  readonly deliveryUpdates: DeliveryUpdates
  readonly log: Log
}

/** What every resolver sees: one per operation, always with a viewer. */
export interface Context extends GraphqlParts {
  readonly viewer: Viewer
  /** Where the caller reached us, such as `http://localhost:4000`: links are built from it. */
  readonly baseUrl: string
  readonly contactsOfEvents: ContactsOfEvents
}

/** By event and filter; null where the filter does not let the contact through. */
export type ContactsOfEvents = LRUCache<string, Promise<Contact | null>>
