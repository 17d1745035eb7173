import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'graphql-ws'
import type { FollowEventsSubscription } from '../../generated/cli/graphql.ts'
import type { Api } from '../api/api.ts'
import { positionAt, type StartPosition } from './event-position.ts'
import { type Ending, endingOf, endingOfRequest } from './follow-ending.ts'
import { FollowEvents, type FollowedEvent } from './followed-event.ts'
import { createLiveClient } from './live-client.ts'

export interface FollowOptions {
  readonly api: Api
  readonly start: StartPosition
  /** Null: all types. */
  readonly types: readonly string[] | null
  readonly signal: AbortSignal
  /** Called for one event after the other; the next one waits for its end. */
  onEvent(event: FollowedEvent): Promise<void>
  onState(state: FollowState): void
}

/** `gap`: events between two connections were deleted, and cannot be sent. */
export type FollowState = 'connected' | 'cut' | 'gap'

/** Place in the log up to which events were handled; null: the log was empty until now. */
interface Progress {
  cursor: string | null
}

/** Follows events until the signal aborts, and resumes after each cut where it was. @throws CliError if refused */
export async function followEvents(options: FollowOptions): Promise<void> {
  const { start, signal, onEvent, onState } = options
  const progress: Progress = { cursor: start.cursor }
  if (start.first) await onEvent(start.first)
  for (let failures = 0; !signal.aborted; failures++) {
    const onConnected = () => {
      failures = 0
      onState('connected')
    }
    const ending = await (progress.cursor === null ? waitForFirst : followOnce)(options, progress, onConnected)
    if (ending.kind === 'refused') throw ending.error
    if (ending.kind === 'begun') continue
    if (signal.aborted) return
    onState('cut')
    await pause(backoffMs(failures), signal)
  }
}

const firstPollMs = 250

/**
 * Waits for the first event of an empty log. A subscription without a cursor would miss the events between its request
 * and its start, and between two connections.
 */
async function waitForFirst(
  { api, signal, onEvent }: FollowOptions,
  progress: Progress,
  onConnected: () => void,
): Promise<Ending> {
  try {
    while (!signal.aborted) {
      const { first, cursor } = await positionAt(api, new Date(0))
      onConnected()
      if (first) await onEvent(first)
      progress.cursor = cursor
      if (cursor !== null) return { kind: 'begun' }
      await pause(firstPollMs, signal)
    }
    return { kind: 'cut' }
  } catch (error) {
    return endingOfRequest(error)
  }
}

async function followOnce(options: FollowOptions, progress: Progress, onConnected: () => void): Promise<Ending> {
  const client = createLiveClient(options.api)
  const stop = () => void client.dispose()
  options.signal.addEventListener('abort', stop)
  client.on('connected', onConnected)
  try {
    await readEvents(client, options, progress)
    return { kind: 'cut' }
  } catch (error) {
    if (error instanceof HandlingError) throw error.cause
    return endingOf(error)
  } finally {
    options.signal.removeEventListener('abort', stop)
    await client.dispose()
  }
}

async function readEvents(client: Client, options: FollowOptions, progress: Progress): Promise<void> {
  const variables = { after: progress.cursor, types: options.types }
  const stream = client.iterate<FollowEventsSubscription>({ query: FollowEvents.toString(), variables })
  for await (const { data, errors } of stream) {
    if (errors) throw errors
    if (!data) continue
    if (options.signal.aborted) return
    await handle(data.events, options, progress)
  }
}

async function handle(
  item: FollowEventsSubscription['events'],
  { onEvent, onState }: FollowOptions,
  progress: Progress,
): Promise<void> {
  if (item.__typename === 'StreamGap') {
    progress.cursor = item.resumedAt
    return onState('gap')
  }
  const { __typename, ...event } = item
  await onEvent(event).catch((cause: unknown) => {
    throw new HandlingError('An event was not handled.', { cause })
  })
  progress.cursor = event.cursor
}

/** Tells an error of the listener, such as a closed pipe, from one of the connection, after which it is tried again. */
class HandlingError extends Error {}

/** Waits, or less if the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => {}) // It rejects when the signal aborts.
}

function backoffMs(failures: number): number {
  return Math.min(250 * 2 ** failures, 5000) * (0.75 + Math.random() / 2)
}
