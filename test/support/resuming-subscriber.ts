import { setTimeout } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { connectSubscriber, type Subscriber } from './subscriber.ts'

/** Follows the events as a dashboard does: after a lost connection it goes on at its last cursor. */
export interface ResumingSubscriber {
  /** Contacts of the events so far, in order, each as often as it came. */
  readonly contactIds: readonly string[]
  /** How often it has connected. */
  readonly connections: number
  /** Why it cannot go on, if it cannot. */
  readonly failure: unknown
}

/** Reads what the event itself holds: `contact` would be null, with an error, while the database is away. */
const query = `subscription ($after: String) {
  events(after: $after, types: ["contact.created"]) { __typename ... on Event { cursor data } }
}`
const retryAfterMs = 50

interface Item {
  readonly __typename: string
  readonly cursor: string
  readonly data: { readonly id: string }
}

export async function followEvents(app: { readonly url: string; readonly key: string }): Promise<ResumingSubscriber> {
  const contactIds: string[] = []
  let connections = 0
  let failure: unknown
  let after: string | null = null
  let isStopped = false
  let subscriber: Subscriber | undefined

  const connect = async () => {
    subscriber = await connectSubscriber(app, { query, variables: { after } })
    connections += 1
  }
  const readToEnd = async (open: Subscriber) => {
    for (;;) {
      const { __typename, cursor, data } = parseItem(await open.next())
      if (__typename !== 'Event') throw new Error(`Missed some: ${__typename}`)
      after = cursor
      contactIds.push(data.id)
    }
  }
  const follow = async () => {
    while (!isStopped) {
      if (subscriber !== undefined) await readToEnd(subscriber).catch(keepGap)
      await subscriber?.client.dispose()
      subscriber = undefined
      await connect().catch(() => setTimeout(retryAfterMs))
    }
  }
  /** The end of a connection is what it is for. */
  const keepGap = (error: unknown) => {
    if (error instanceof Error && error.message.startsWith('Missed')) failure = error
  }
  await connect()
  const following = follow()
  onTestFinished(async () => {
    isStopped = true
    await subscriber?.client.dispose()
    await following
  })
  return {
    contactIds,
    get connections() {
      return connections
    },
    get failure() {
      return failure
    },
  }
}

function parseItem(data: Record<string, unknown>): Item {
  return data['events'] as Item
}
