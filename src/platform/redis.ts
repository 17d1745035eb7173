import { createClient, type RedisClientType } from '@redis/client'
import type { Log } from './log.ts'

type Client = RedisClientType
type OnMessage = (message: string) => void

/** Redis client that may be unavailable at any time: no caller waits for it, and every feature works without it. */
export interface Redis {
  readonly isDown: boolean
  /** Runs a command. Rejects at once while Redis is unavailable, and after a tenth of a second without a response. */
  run<Result>(command: (client: Client) => Promise<Result>): Promise<Result>
  /** Calls back for every message, on every connection that is opened afterwards. */
  subscribe(channel: string, onMessage: OnMessage): Promise<void>
  close(): void
}

const responseTimeoutMs = 100
const connectTimeoutMs = 1000
const reconnectAfterMs = 500
const heartbeatEveryMs = 1000
const reconnectAfterMissed = 5

/** Connects, and reconnects until it is closed. Resolves within a second, with or without Redis. */
export async function connectRedis(url: string, log: Log): Promise<Redis> {
  const availability = createAvailability(log)
  const channels = new Map<string, OnMessage>()
  let client = openClient(url, channels, availability)
  const reopen = () => {
    client.destroy()
    client = openClient(url, channels, availability)
  }
  const heartbeat = startHeartbeat(availability, () => client, reopen)
  await Promise.race([availability.known, sleep(connectTimeoutMs)])
  return {
    get isDown() {
      return !availability.isUp
    },
    run: async (command) => {
      if (!availability.isUp) throw new RedisUnavailableError('Redis is unavailable.')
      return inTime(command(client)).catch((error: unknown) => {
        if (error instanceof RedisUnavailableError) availability.markDown(error)
        throw error
      })
    },
    subscribe: async (channel, onMessage) => {
      channels.set(channel, onMessage)
      if (client.isReady)
        await client.subscribe(channel, onMessage).catch((error: unknown) => availability.markDown(error))
    },
    close: () => {
      availability.stop()
      clearInterval(heartbeat)
      client.destroy()
    },
  }
}

/** Last known state of Redis; logs the start and the end of an outage once. */
interface Availability {
  readonly isUp: boolean
  /** Resolves when the first connection has succeeded or failed. */
  readonly known: Promise<void>
  markUp(): void
  markDown(error: unknown): void
  stop(): void
}

function createAvailability(log: Log): Availability {
  let state: 'unknown' | 'down' | 'up' | 'stopped' = 'unknown'
  let resolveKnown = () => {}
  const known = new Promise<void>((resolve) => {
    resolveKnown = resolve
  })
  return {
    known,
    get isUp() {
      return state === 'up'
    },
    markUp: () => {
      if (state === 'stopped') return
      if (state === 'down') log.info('redis.back')
      state = 'up'
      resolveKnown()
    },
    markDown: (error) => {
      if (state === 'stopped' || state === 'down') return
      log.warn({ err: error }, 'redis.away')
      state = 'down'
      resolveKnown()
    },
    stop: () => {
      state = 'stopped'
    },
  }
}

function openClient(url: string, channels: ReadonlyMap<string, OnMessage>, availability: Availability): Client {
  const client: Client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: connectTimeoutMs, reconnectStrategy: reconnectAfterMs },
  })
  client.on('error', (error) => availability.markDown(error))
  client.on('ready', () => availability.markUp())
  const subscribeAll = () =>
    Promise.all([...channels].map(([channel, onMessage]) => client.subscribe(channel, onMessage)))
  // An error here has been emitted as 'error' before, or the client was closed meanwhile.
  client
    .connect()
    .then(subscribeAll)
    .catch(() => {})
  return client
}

/** Pings Redis. A connection can outlive its server, as after a failover: one without responses is opened again. */
function startHeartbeat(availability: Availability, client: () => Client, reopen: () => void): NodeJS.Timeout {
  let missed = 0
  const beat = () => {
    missed = availability.isUp ? 0 : missed + 1
    if (missed === 0) return
    if (missed % reconnectAfterMissed === 0) return reopen()
    // No response: it is still unavailable, which was logged before.
    if (client().isReady) inTime(client().ping()).then(availability.markUp, () => {})
  }
  return setInterval(beat, heartbeatEveryMs).unref()
}

class RedisUnavailableError extends Error {}

function inTime<Result>(response: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new RedisUnavailableError('Redis did not respond in time.'))
    // If only this process was busy, the response is there by now and is read before an immediate runs.
    timer = setTimeout(() => setImmediate(giveUp), responseTimeoutMs)
  })
  return Promise.race([response, timeout]).finally(() => clearTimeout(timer))
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
