import type { Database } from '../database/database.ts'
import { statement } from '../database/database.ts'
import type { Log } from '../log.ts'

/** What other nodes hear of: `events` for readers of the log, `deliveries` for dispatchers. */
type SharedTopic = 'events' | 'deliveries'

/** `attempts`, for live updates of deliveries, stays in this process: elsewhere the poll of a second will do. */
type Topic = SharedTopic | 'attempts'

/**
 * Says "something is there", never what: readers read. In this process at once; to other nodes by NOTIFY, outside the
 * transaction (inside, it takes a lock across all commits) and at most once in some milliseconds.
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

export async function startWake(database: Database, log: Log): Promise<Wake> {
  const callbacks: Record<Topic, Set<() => void>> = {
    events: new Set(),
    deliveries: new Set(),
    attempts: new Set(),
  }
  const callAll = (topic: Topic) => {
    for (const callback of callbacks[topic]) callback()
  }
  const remote = database.kind === 'postgresql' ? await startNotifications(database, callAll, log) : undefined
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

async function startNotifications(database: Database, onNotify: (topic: SharedTopic) => void, log: Log) {
  const listeners = await Promise.all(
    sharedTopics.map((topic) => database.listen(channels[topic], () => onNotify(topic))),
  )
  const timers = new Map<SharedTopic, NodeJS.Timeout>()
  const send = (topic: SharedTopic) => {
    timers.delete(topic)
    // A lost notification costs other nodes a second at most: they poll.
    database.query(notify, [channels[topic]]).catch((error: unknown) => log.debug({ err: error }, 'wake.notify_failed'))
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

const notify = statement('notify', `select pg_notify($1, '')`)
