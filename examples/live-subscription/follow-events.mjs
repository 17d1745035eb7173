import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

const event = '... on Event { id type cursor createdAt data }'
const newest = `{ events(first: 1) { nodes { ${event} } } }`
const oldest = `{ events(last: 1) { nodes { ${event} } } }`
const stream = `subscription ($after: String!) { events(after: $after) { ${event} ... on StreamGap { reason } } }`

/**
 * Every event after the cursor, or from now on, once and in order, whatever happens to the connection.
 * Keep `event.cursor` with what you do with the event, and start from it the next time.
 * What has no `id` is a gap: events after the cursor are gone, since they are older than the retention time.
 */
export async function* followEvents({ url, apiKey, after }) {
  const client = connect(url, apiKey)
  const place = { cursor: after, wasEmpty: false }
  for (let failures = 0; ; failures++) {
    try {
      for await (const item of itemsFrom(client, place)) {
        failures = 0
        yield item
        // Not at a gap: whoever is cut there is told again.
        place.cursor = item.cursor ?? place.cursor
      }
    } catch (error) {
      if (isFinal(error)) throw new Error('Rex refuses this subscription.', { cause: error })
    }
    await wait(Math.min(100 * 2 ** failures, 2000) * (0.5 + Math.random()))
  }
}

async function* itemsFrom(client, place) {
  if (!place.cursor) {
    const { value } = await results(client, { query: place.wasEmpty ? oldest : newest }).next()
    const [found] = value.events.nodes
    // In a log that was empty the first event of all is the first from now on.
    if (found && place.wasEmpty) yield found
    place.cursor = found?.cursor
    place.wasEmpty = !found
  }
  if (!place.cursor) return
  for await (const { events } of results(client, { query: stream, variables: { after: place.cursor } })) yield events
}

async function* results(client, operation) {
  for await (const { data, errors } of client.iterate(operation)) {
    if (errors) throw errors
    yield data
  }
}

// These pass: the service restarts, its database is away, or this reader was too slow.
const passingCodes = ['UNAVAILABLE', 'SLOW_SUBSCRIBER', 'RATE_LIMITED', 'INTERNAL']

/** 4400 and above: a key that is refused will not be taken the next time. Of them 4499 is our own `terminate`. */
function isFinal(error) {
  if (Array.isArray(error)) return !passingCodes.includes(error[0]?.extensions?.code)
  return error?.code >= 4400 && error.code < 4499
}

function connect(url, apiKey) {
  let silence
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { apiKey },
    retryAttempts: 0,
    // A connection that died without a word is noticed by its silence.
    keepAlive: 10_000,
    on: {
      ping: (received) => {
        if (!received) silence = setTimeout(() => client.terminate(), 5000)
      },
      pong: (received) => received && clearTimeout(silence),
      closed: () => clearTimeout(silence),
    },
  })
  return client
}
