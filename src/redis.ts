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
  const channels = new Map<string, () => void>()
  let state: 'unknown' | 'away' | 'here' = 'unknown'
  let looks = 0
  let isClosed = false
  let whenKnown = () => {}
  const known = new Promise<void>((resolve) => {
    whenKnown = resolve
  })

  const turn = (next: 'away' | 'here', error?: unknown) => {
    if (isClosed || state === next) return
    if (next === 'away') log.warn({ err: error }, 'redis.away')
    else if (state === 'away') log.info('redis.back')
    looks = 0
    state = next
    whenKnown()
  }
  const open = (): Client => {
    const made: Client = createClient({
      url,
      disableOfflineQueue: true,
      socket: { connectTimeout: connectWithinMs, reconnectStrategy: reconnectAfterMs },
    })
    made.on('error', (error) => turn('away', error))
    made.on('ready', () => turn('here'))
    made.connect().then(
      () => Promise.all([...channels].map(([channel, onMessage]) => made.subscribe(channel, onMessage))),
      () => {}, // What went wrong was an 'error' before, or it was closed meanwhile.
    )
    return made
  }

  let client = open()
  /** A connection can outlive the server behind it, as after a failover: one that stays silent is made anew. */
  const look = async () => {
    if (state === 'here') return
    looks += 1
    if (looks % looksUntilAnew === 0) {
      client.destroy()
      client = open()
    } else if (client.isReady) {
      await inTime(client.ping()).then(
        () => turn('here'),
        () => {}, // Still away; it was told when it left.
      )
    }
  }
  const looking = setInterval(() => void look(), lookEveryMs).unref()

  await Promise.race([known, late(connectWithinMs)])
  return {
    get isAway() {
      return state !== 'here'
    },
    ask: async (question) => {
      if (state !== 'here') throw new RedisAwayError('Redis is away.')
      return inTime(question(client)).catch((error: unknown) => {
        if (error instanceof RedisAwayError) turn('away', error)
        throw error
      })
    },
    subscribe: async (channel, onMessage) => {
      channels.set(channel, onMessage)
      if (client.isReady) await client.subscribe(channel, onMessage).catch((error: unknown) => turn('away', error))
    },
    close: () => {
      isClosed = true
      clearInterval(looking)
      client.destroy()
    },
  }
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
