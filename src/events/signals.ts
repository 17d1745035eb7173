import { ulid } from 'ulid'
import type { Database } from '../database/database.ts'
import { statement } from '../database/database.ts'
import { atMostEvery } from '../platform/at-most-every.ts'
import type { Log } from '../platform/log.ts'
import type { Redis } from '../platform/redis.ts'
import { createOtherNodes } from './other-nodes.ts'

/**
 * Topics that nodes share: `events` for readers of the log, `deliveries` for dispatchers, `access` for caches of keys
 * and workspaces, `sources` for caches of sources.
 */
export type SharedTopic = 'events' | 'deliveries' | 'access' | 'sources'

/** Adds `attempts`, for live updates of deliveries, which stays in this process: other nodes poll every second. */
type Topic = SharedTopic | 'attempts'

/**
 * Notifies readers that there is new data, without the data itself. Callbacks of this process run at once. Other nodes
 * are notified at most once per few milliseconds, of the end of an access at once, through Redis when it is available, else by NOTIFY outside the
 * transaction (inside, it takes a lock across all commits). Without other nodes nobody is notified.
 */
export interface Signals {
  /** Call after the commit. */
  notify(topic: Topic): void
  /** @returns a function that stops the calls */
  subscribe(topic: Topic, callback: () => void): () => void
  stop(): Promise<void>
}

const notifyEveryMs = 5
/** Payload of `listen` after a reconnect. */
const reconnected = ''
const channels: Record<SharedTopic, string> = {
  events: 'rex_events',
  deliveries: 'rex_deliveries',
  access: 'rex_access',
  sources: 'rex_sources',
}
const sharedTopics: readonly SharedTopic[] = ['events', 'deliveries', 'access', 'sources']
/** Topics about the end of an access: they are rare and must also reach a node that alone has lost Redis. */
const topicsForAll: readonly SharedTopic[] = ['access', 'sources']

/** @param topics topics that this node receives from others: each takes a connection */
export async function startSignals(
  database: Database,
  log: Log,
  redis?: Redis,
  topics: readonly SharedTopic[] = sharedTopics,
): Promise<Signals> {
  const callbacks: Record<Topic, Set<() => void>> = {
    events: new Set(),
    deliveries: new Set(),
    access: new Set(),
    sources: new Set(),
    attempts: new Set(),
  }
  const callAll = (topic: Topic) => {
    for (const callback of callbacks[topic]) callback()
  }
  const remote = await startNotifications({ database, redis, log, topics }, callAll)
  return {
    notify: (topic) => {
      callAll(topic)
      if (topic !== 'attempts') remote.notify(topic)
    },
    subscribe: (topic, callback) => {
      callbacks[topic].add(callback)
      return () => callbacks[topic].delete(callback)
    },
    stop: () => remote.stop(),
  }
}

interface Parts {
  readonly database: Database
  readonly redis: Redis | undefined
  readonly log: Log
  readonly topics: readonly SharedTopic[]
}

/** Listens on PostgreSQL and Redis at all times, since a node that has lost Redis notifies those that still have it. */
async function startNotifications({ database, redis, log, topics }: Parts, onNotify: (topic: SharedTopic) => void) {
  const nodeId = ulid()
  const otherNodes = createOtherNodes(database)
  /** Ignores the notifications of this node, whose readers have run already. */
  const receive = (topic: SharedTopic) => (sender: string) => {
    if (sender === nodeId) return
    if (sender !== reconnected) otherNodes.meet()
    onNotify(topic)
  }
  const listeners = await Promise.all(topics.map((topic) => database.listen(channels[topic], receive(topic))))
  await Promise.all(topics.map((topic) => redis?.subscribe(channels[topic], receive(topic))))
  const timers = new Map<SharedTopic, NodeJS.Timeout>()
  let isStopped = false
  const send = (topic: SharedTopic) => {
    timers.delete(topic)
    if (isStopped) return
    // A lost notification costs other nodes a second at most: they poll.
    publish(topic).catch((error: unknown) => log.debug({ err: error }, 'wake.notify_failed'))
  }
  const publish = async (topic: SharedTopic) => {
    const channel = channels[topic]
    const receivers = redis === undefined || redis.isDown ? 0 : await publishToRedis(redis, channel, nodeId)
    // Fewer than two receivers: only this node uses this Redis, or the others have lost it.
    const isNeeded = topicsForAll.includes(topic) || (receivers < 2 && (await otherNodes.exist()))
    if (isNeeded) await database.query(notify, [channel, nodeId])
  }
  // Others learn at once that this node listens; without it, they learn it within a second.
  await database.query(notify, [channels.events, nodeId]).catch((error: unknown) => {
    log.debug({ err: error }, 'wake.notify_failed')
  })
  const announce = new Map(topicsForAll.map((topic) => [topic, atMostEvery(notifyEveryMs, () => send(topic))]))
  return {
    notify: (topic: SharedTopic) => {
      const announced = announce.get(topic)
      if (announced !== undefined) announced()
      else if (!timers.has(topic)) timers.set(topic, setTimeout(send, notifyEveryMs, topic))
    },
    stop: async () => {
      isStopped = true
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.all(listeners.map((listener) => listener.stop()))
    },
  }
}

/** Returns the number of receivers, this node included; 0 when Redis fails meanwhile. */
function publishToRedis(redis: Redis, channel: string, nodeId: string): Promise<number> {
  return redis.run((client) => client.publish(channel, nodeId)).catch(() => 0)
}

const notify = statement('notify', 'select pg_notify($1, $2)')
