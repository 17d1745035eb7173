import type { Client } from 'graphql-ws/client'
import { connect, LiveRefusedError, resultsOf } from './connection.ts'
import { type LiveItem, parseItem, type StreamedItem } from './live-event.ts'

// Applications import this file alone.
// biome-ignore lint/performance/noBarrelFile: the other files of this folder are not exports of the package.
export { LiveRefusedError } from './connection.ts'
export type { LiveEvent, LiveItem, StreamGap } from './live-event.ts'

export interface FollowOptions {
  /** Address of the server, such as `https://rex.example.com`. */
  readonly url: string | URL
  /** Key with the scope EVENTS_READ. */
  readonly apiKey: string
  /** Cursor of the last event that you have. Without it only events from now on are sent. */
  readonly after?: string | undefined
  /** Types of events to send. Default: all. */
  readonly types?: readonly string[]
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal
}

const fields = '__typename ... on Event { id type cursor createdAt data }'
const newest = `{ events(first: 1) { nodes { ${fields} } } }`
const oldest = `{ events(last: 1) { nodes { ${fields} } } }`
const stream = `subscription ($after: String!, $types: [String!]) {
  events(after: $after, types: $types) { ${fields} ... on StreamGap { reason } }
}`

const firstWaitMs = 100
const maxWaitMs = 1000
const keptIds = 1000

/**
 * Yields every event after the cursor, or from now on, in order and once, and resumes by itself after a cut. A gap is
 * yielded when events are gone. Your own process may end between an event and the storage of its cursor: then the event
 * comes again, with the same id.
 * @throws LiveRefusedError when the key, its rights or the cursor are refused
 */
export async function* followEvents(options: FollowOptions): AsyncGenerator<LiveItem, void> {
  const { signal } = options
  const client = connect(options.url, options.apiKey)
  const dispose = () => void client.dispose()
  signal?.addEventListener('abort', dispose)
  const place: Place = { cursor: options.after, wasEmpty: false, seen: new RecentIds() }
  try {
    for (let failures = 0; !signal?.aborted; failures++) {
      for await (const item of itemsUntilCut(client, place, options)) {
        failures = 0
        yield item
      }
      await pause(failures, signal)
    }
  } finally {
    signal?.removeEventListener('abort', dispose)
    dispose()
  }
}

interface Place {
  cursor: string | undefined
  /** Set when the log had no event yet: then its first event is the first from now on. */
  wasEmpty: boolean
  readonly seen: RecentIds
}

/** Yields what is new until the connection ends. */
async function* itemsUntilCut(client: Client, place: Place, options: FollowOptions): AsyncGenerator<LiveItem> {
  try {
    for await (const item of itemsAfter(client, place, options)) {
      if (item.kind === 'gap' || place.seen.add(item.id)) yield item
      // Not at a gap: a reader that is cut there must hear of it again.
      if (item.kind === 'event') place.cursor = item.cursor
    }
  } catch (error) {
    // Every other failure may pass: the next connection resumes from the cursor.
    if (error instanceof LiveRefusedError) throw error
  }
}

async function* itemsAfter(client: Client, place: Place, { types }: FollowOptions): AsyncGenerator<LiveItem> {
  if (place.cursor === undefined) {
    const found = await findStart(client, place)
    if (found === undefined) return
    if (place.wasEmpty && (types === undefined || types.includes(found.type))) yield found
    place.cursor = found.cursor
  }
  const variables = { after: place.cursor, ...(types && { types }) }
  for await (const { events } of resultsOf<{ events: StreamedItem }>(client, { query: stream, variables }))
    yield parseItem(events)
}

/** Returns the event to start after: the newest or, when the log was empty before, its first. */
async function findStart(client: Client, place: Place) {
  const query = place.wasEmpty ? oldest : newest
  for await (const { events } of resultsOf<{ events: { nodes: StreamedItem[] } }>(client, { query })) {
    const [node] = events.nodes
    const found = node && parseItem(node)
    if (found?.kind === 'event') return found
    place.wasEmpty = true
  }
  return undefined
}

/** The ids of the newest events, to drop an event that comes twice. */
class RecentIds {
  readonly #ids = new Set<string>()

  /** Returns whether the id is new. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    const [first = ''] = this.#ids
    if (this.#ids.size > keptIds) this.#ids.delete(first)
    return true
  }
}

/** Waits before the next connection: longer after each failure, and by chance, so that clients do not return together. */
function pause(failures: number, signal: AbortSignal | undefined): Promise<void> {
  const waitMs = Math.min(firstWaitMs * 2 ** failures, maxWaitMs) * (0.5 + Math.random())
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, waitMs)
    signal?.addEventListener('abort', end)
  })
}
