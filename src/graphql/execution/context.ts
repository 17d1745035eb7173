import type { ExecutionResult } from 'graphql'
import type { CaptureParts } from '../../capture/capture.ts'
import type { Moderation } from '../../capture/moderation.ts'
import type { Config } from '../../config/config.ts'
import type { ContactEdits } from '../../contacts/edit.ts'
import type { ContactErasure } from '../../contacts/erase-contact.ts'
import type { Database } from '../../database/database.ts'
import type { Replica } from '../../database/replica/replica.ts'
import type { ManualDeliveries } from '../../delivery/manual-deliveries.ts'
import type { Replays } from '../../delivery/replay.ts'
import type { TestLeadDeliveries } from '../../delivery/test-receiver/test-lead-deliveries.ts'
import type { DeliveryUpdates } from '../../delivery/updates.ts'
import type { Cursors } from '../../events/cursor.ts'
import type { LiveEvents } from '../../events/live-events.ts'
import type { CreateSemaphore } from '../../platform/limits/keyed-semaphore.ts'
import type { Log } from '../../platform/log.ts'
import type { CachedFacts } from '../../server/facts/cached-facts.ts'
import type { Readiness } from '../../server/readiness.ts'
import type { PendingResponses } from '../../server/response/pending-responses.ts'
import type { SourceStore } from '../../sources/source-store.ts'
import type { Endpoints } from '../../webhooks/endpoints.ts'
import type { Access } from '../../workspaces/access.ts'
import type { Identify } from '../../workspaces/identify.ts'
import type { KeyRate } from '../../workspaces/key-rate-limit.ts'
import type { IsOperator } from '../../workspaces/operator.ts'
import type { ReplicaReads } from '../../workspaces/replica-reads.ts'
import type { Viewer, Viewers } from '../../workspaces/viewer.ts'
import type { Workspaces } from '../../workspaces/workspace.ts'
import type { ContactEventCache } from '../types/contact/contact-event-cache.ts'

/** Dependencies of the GraphQL API. */
export interface GraphqlParts extends CaptureParts {
  readonly config: Config
  /** The primary; the replica in a query that may be read from it. */
  readonly database: Database
  readonly replica?: Pick<Replica, 'status'> | undefined
  readonly reads?: ReplicaReads | undefined
  readonly identify: Identify
  readonly workspaces: Workspaces
  readonly viewers: Viewers
  readonly access: Access
  readonly isOperator: IsOperator
  readonly keyRate: KeyRate
  readonly live: LiveEvents
  readonly cursors: Cursors
  readonly pendingResponses: PendingResponses
  readonly contactEdits: ContactEdits
  readonly moderation: Moderation
  readonly contactErasure: ContactErasure
  readonly endpoints: Endpoints
  readonly sources: SourceStore
  readonly testLeadDeliveries: TestLeadDeliveries
  readonly manualDeliveries: ManualDeliveries
  readonly replays: Replays
  readonly deliveryUpdates: DeliveryUpdates
  readonly log: Log
  readonly facts: CachedFacts
  readonly readiness: Readiness
  /** Limits that the processes of this node share; by default this process has its own. */
  readonly createSemaphore?: CreateSemaphore | undefined
}

/** Context of a resolver: one per operation, always with a viewer. */
export interface Context extends GraphqlParts {
  readonly viewer: Viewer
  /** URL at which the caller reached the server, such as `http://localhost:4000`; links are built from it. */
  readonly baseUrl: string
  readonly contactEventCache: ContactEventCache
  /** Id of the HTTP request, for the log; an operation on a socket has none. */
  readonly requestId?: string | undefined
  /** Set if the operation was executed before: Yoga only presents the result or the error. */
  readonly executed?: Executed
}

/** Outcome of an execution: before or after its resolvers, a limit or a check can throw instead. */
export type Executed =
  | { readonly kind: 'result'; readonly result: ExecutionResult }
  | { readonly kind: 'thrown'; readonly error: unknown }
