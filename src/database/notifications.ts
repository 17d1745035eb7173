import pg from 'pg'
import type { Log } from '../platform/log.ts'
import { waitAtMost } from '../platform/timeout.ts'
import { listenerText } from './advisory-locks.ts'
import type { Database } from './database.ts'
import { SessionClient } from './session.ts'

const connectTimeoutMs = 1500
const reconnectAfterMs = 500
const closeTimeoutMs = 1000

/** Calls back on NOTIFY. */
export type Notifications = Pick<Database, 'listen'>

/** Listens to nothing, where no session is kept: all readers poll as well. */
export const noNotifications: Notifications = { listen: async () => ({ stop: async () => {} }) }

/** Listens to all channels over one connection, which is made again when it is lost, for as long as somebody listens. */
export function createNotifications(
  options: pg.ClientConfig,
  prepare: (client: pg.ClientBase) => Promise<void>,
  log: Log,
  listenerId: number,
): Notifications {
  const callbacks = new Map<string, Set<(payload: string) => void>>()
  let connection: Promise<pg.Client | undefined> | undefined
  let timer: NodeJS.Timeout | undefined
  let lastQuery = Promise.resolve()

  /** One query at a time, as pg asks for. */
  const listenLater = (client: pg.Client, channel: string) => {
    lastQuery = lastQuery.then(async () => {
      await client.query(`${listenerText(listenerId)}; ${listenTo(channel)}`).catch(() => {}) // The connection is lost, and the next one listens.
    })
    return lastQuery
  }
  const call = (channel: string, payload = '') => {
    for (const callback of callbacks.get(channel) ?? []) callback(payload)
  }
  const reconnect = (lost: Promise<pg.Client | undefined>) => {
    if (connection !== lost) return
    connection = undefined
    if (callbacks.size > 0) timer = setTimeout(connect, reconnectAfterMs)
  }
  /** Connects once for all who ask meanwhile. Resolves with undefined when it fails, and tries again later. */
  function connect(): Promise<pg.Client | undefined> {
    clearTimeout(timer)
    if (connection !== undefined) return connection
    const opened: Promise<pg.Client | undefined> = open(() => reconnect(opened))
    connection = opened
    return opened
  }
  async function open(onLost: () => void): Promise<pg.Client | undefined> {
    const client = new SessionClient({ ...options, connectionTimeoutMillis: connectTimeoutMs })
    client.on('notification', ({ channel, payload }) => call(channel, payload))
    const lose = () => {
      client.end().catch(() => {}) // The server has closed it; this releases the socket.
      onLost()
    }
    client.on('error', lose)
    client.on('end', lose)
    try {
      await client.connect()
      await prepare(client)
      for (const channel of callbacks.keys()) await client.query(`${listenerText(listenerId)}; ${listenTo(channel)}`)
      // Some notifications may have been missed.
      for (const channel of callbacks.keys()) call(channel)
      return client
    } catch (error) {
      log.warn({ err: error }, 'database.listen_failed')
      lose()
      return undefined
    }
  }

  return {
    listen: async (channel, onNotify) => {
      const known = callbacks.get(channel)
      callbacks.set(channel, (known ?? new Set()).add(onNotify))
      const client = await connect()
      // A connection that was being made may not have known of the channel. To listen twice is no error.
      if (known === undefined && client !== undefined) await listenLater(client, channel)
      return {
        stop: async () => {
          callbacks.get(channel)?.delete(onNotify)
          if (callbacks.get(channel)?.size === 0) callbacks.delete(channel)
          if (callbacks.size === 0) await disconnect()
        },
      }
    },
  }

  async function disconnect(): Promise<void> {
    clearTimeout(timer)
    const last = connection
    connection = undefined
    await waitAtMost(Promise.resolve(last?.then((client) => client?.end())), closeTimeoutMs)
  }
}

function listenTo(channel: string): string {
  return `listen ${pg.escapeIdentifier(channel)}`
}
