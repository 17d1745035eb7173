import { createClient, type RedisClientType } from '@redis/client'
import type { Log } from './log.ts'

type Client = RedisClientType

/** A Redis that may be away at any time: nothing waits for it, and everything has another way. */
export interface Redis {
  readonly isAway: boolean
  /** Rejects at once while Redis is away, and after a tenth of a second when it falls silent. */
  ask<Answer>(question: (client: Client) => Promise<Answer>): Promise<Answer>
  /** Calls back for every message, on every connection that is made from now on. */
  subscribe(channel: string, onMessage: () => void): Promise<void>
  close(): void
}

const answerWithinMs = 100
const connectWithinMs = 1000
const reconnectAfterMs = 500
const lookEveryMs = 1000
const looksUntilAnew = 5

/** Connects, and again for as long as nobody closes it. Resolves after a second at the latest, with Redis or without. */
export async function connectRedis(url: string, log: Log): Promise<Redis> {
  const presence = createPresence(log)
  const channels = new Map<string, () => void>()
  let client = openClient(url, channels, presence)
  const reopen = () => {
    client.destroy()
    client = openClient(url, channels, presence)
  }
  const looking = lookForIt(presence, () => client, reopen)
  await Promise.race([presence.known, late(connectWithinMs)])
  return {
    get isAway() {
      return !presence.isHere
    },
    ask: async (question) => {
      if (!presence.isHere) throw new RedisAwayError('Redis is away.')
      return inTime(question(client)).catch((error: unknown) => {
        if (error instanceof RedisAwayError) presence.left(error)
        throw error
      })
    },
    subscribe: async (channel, onMessage) => {
      channels.set(channel, onMessage)
      if (client.isReady) await client.subscribe(channel, onMessage).catch((error: unknown) => presence.left(error))
    },
    close: () => {
      presence.stop()
      clearInterval(looking)
      client.destroy()
    },
  }
}

/** Whether Redis is there, as far as is known; an outage is told once, and its end. */
interface Presence {
  readonly isHere: boolean
  /** Resolves when it has come or failed to come for the first time. */
  readonly known: Promise<void>
  came(): void
  left(error: unknown): void
  stop(): void
}

function createPresence(log: Log): Presence {
  let state: 'unknown' | 'away' | 'here' | 'stopped' = 'unknown'
  let resolveKnown = () => {}
  const known = new Promise<void>((resolve) => {
    resolveKnown = resolve
  })
  return {
    known,
    get isHere() {
      return state === 'here'
    },
    came: () => {
      if (state === 'stopped') return
      if (state === 'away') log.info('redis.back')
      state = 'here'
      resolveKnown()
    },
    left: (error) => {
      if (state === 'stopped' || state === 'away') return
      log.warn({ err: error }, 'redis.away')
      state = 'away'
      resolveKnown()
    },
    stop: () => {
      state = 'stopped'
    },
  }
}

function openClient(url: string, channels: ReadonlyMap<string, () => void>, presence: Presence): Client {
  const client: Client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: connectWithinMs, reconnectStrategy: reconnectAfterMs },
  })
  client.on('error', (error) => presence.left(error))
  client.on('ready', () => presence.came())
  const subscribeAll = () =>
    Promise.all([...channels].map(([channel, onMessage]) => client.subscribe(channel, onMessage)))
  // What goes wrong here was an 'error' before, or it was closed meanwhile.
  client
    .connect()
    .then(subscribeAll)
    .catch(() => {})
  return client
}

/** A connection can outlive the server behind it, as after a failover: one that stays silent is made anew. */
function lookForIt(presence: Presence, client: () => Client, reopen: () => void): NodeJS.Timeout {
  let looks = 0
  const look = () => {
    looks = presence.isHere ? 0 : looks + 1
    if (looks === 0) return
    if (looks % looksUntilAnew === 0) return reopen()
    // Who has not answered is still away, which was told when it left.
    if (client().isReady) inTime(client().ping()).then(presence.came, () => {})
  }
  return setInterval(look, lookEveryMs).unref()
}

class RedisAwayError extends Error {}

function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new RedisAwayError('Redis did not answer in time.'))
    // When it was us who were busy, the answer is there by now, and is read before an immediate runs.
    timer = setTimeout(() => setImmediate(giveUp), answerWithinMs)
  })
  return Promise.race([answer, silence]).finally(() => clearTimeout(timer))
}

function late(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
