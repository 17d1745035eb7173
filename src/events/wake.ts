import type { Database } from '../database/database.ts'
import { statement } from '../database/database.ts'
import type { Log } from '../log.ts'
import type { Redis } from '../redis.ts'

/** What other nodes hear of: `events` for readers of the log, `deliveries` for dispatchers. */
type SharedTopic = 'events' | 'deliveries'

/** `attempts`, for live updates of deliveries, stays in this process: elsewhere the poll of a second will do. */
type Topic = SharedTopic | 'attempts'

/**
 * Says "something is there", never what: readers read. In this process at once; to other nodes at most once in some
 * milliseconds, through Redis while there is one, else by NOTIFY, outside the transaction (inside, it takes a lock across
 * all commits).
 */
export interface Wake {
  /** Call after the commit. */
  wake(topic: Topic): void
  /** @returns a function that stops the calls */
  onWake(topic: Topic, callback: () => void): () => void
  stop(): Promise<void>
}

const notifyEveryMs = 5
const channels: Record<SharedTopic, string> = { events: 'rex_events', deliveries: 'rex_deliveries' }
const sharedTopics: readonly SharedTopic[] = ['events', 'deliveries']

export async function startWake(database: Database, log: Log, redis?: Redis): Promise<Wake> {
  const callbacks: Record<Topic, Set<() => void>> = {
    events: new Set(),
    deliveries: new Set(),
    attempts: new Set(),
  }
  const callAll = (topic: Topic) => {
    for (const callback of callbacks[topic]) callback()
  }
  const remote =
    database.kind === 'postgresql' ? await startNotifications({ database, redis, log }, callAll) : undefined
  return {
    wake: (topic) => {
      callAll(topic)
      if (topic !== 'attempts') remote?.notify(topic)
    },
    onWake: (topic, callback) => {
      callbacks[topic].add(callback)
      return () => callbacks[topic].delete(callback)
    },
    stop: async () => remote?.stop(),
  }
}

interface Ways {
  readonly database: Database
  readonly redis: Redis | undefined
  readonly log: Log
}

/** Listens on both ways at all times, since a node that has lost Redis notifies those that have it. */
async function startNotifications({ database, redis, log }: Ways, onNotify: (topic: SharedTopic) => void) {
  const listeners = await Promise.all(
    sharedTopics.map((topic) => database.listen(channels[topic], () => onNotify(topic))),
  )
  await Promise.all(sharedTopics.map((topic) => redis?.subscribe(channels[topic], () => onNotify(topic))))
  const timers = new Map<SharedTopic, NodeJS.Timeout>()
  const send = (topic: SharedTopic) => {
    timers.delete(topic)
    // A lost notification costs other nodes a second at most: they poll.
    tell(channels[topic]).catch((error: unknown) => log.debug({ err: error }, 'wake.notify_failed'))
  }
  const tell = async (channel: string) => {
    const heard = redis === undefined || redis.isAway ? 0 : await publish(redis, channel)
    // Nobody but we hears it on a Redis of our own, or where the others have lost theirs.
    if (heard < 2) await database.query(notify, [channel])
  }
  return {
    notify: (topic: SharedTopic) => {
      if (!timers.has(topic)) timers.set(topic, setTimeout(send, notifyEveryMs, topic))
    },
    stop: async () => {
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.all(listeners.map((listener) => listener.stop()))
    },
  }
}

/** How many heard it, ourselves among them; none when Redis went away meanwhile. */
function publish(redis: Redis, channel: string): Promise<number> {
  return redis.ask((client) => client.publish(channel, '')).catch(() => 0)
}

const notify = statement('notify', `select pg_notify($1, '')`)
