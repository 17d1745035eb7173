import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Bounds the responses that wait for their readers in bytes and in time, as WebSockets are. */
export interface PendingResponses {
  /** Closes the connection of a response whose reader takes too little of it. */
  watch(response: ServerResponse): void
  /** True while no response may be added, until readers have taken some of the waiting bytes. */
  readonly isFull: boolean
  /** True when a large response would hardly fit: a request that may have one is refused before any work is done. */
  readonly isNearlyFull: boolean
  /** Returns whether a response of so many bytes fits; a small one always does, since its work may be done already. */
  admits(bytes: number): boolean
  stop(): void
}

/** Limit of one response. */
export const maxAnswerBytes = 20_971_520
const maxPendingBytes = 25_165_824
const largeBytes = 4_194_304
/** A response up to this size is always admitted. */
export const smallBytes = 16_384
/** A reader has to take this much, or all that waits, in each window: a slow line does, a held connection does not. */
const windowMs = 15_000
const leastTakenBytes = 16_384
const lookEveryMs = 1000
/** Lifetime of the sum over all responses: computing it takes a walk over all of them. */
const sumGoodForMs = 10

interface Watched {
  /** Bytes that waited at the last look, here and in libuv's queue. */
  waited: number
  queued: number
  takenInWindow: number
  windowBeganAt: number
}

export function createPendingResponses(now: () => number = performance.now.bind(performance)): PendingResponses {
  const open = new Map<ServerResponse, Watched>()
  let sum = 0
  let summedAt = Number.NEGATIVE_INFINITY
  const pendingBytes = () => {
    if (now() - summedAt < sumGoodForMs) return sum
    sum = 0
    for (const response of open.keys()) sum += response.writableLength
    summedAt = now()
    return sum
  }
  const look = () => {
    for (const [response, watched] of open) if (isStuck(response, watched, now())) response.socket?.destroy()
  }
  const timer = setInterval(look, lookEveryMs)
  timer.unref()
  return {
    watch: (response) => {
      open.set(response, { waited: 0, queued: 0, takenInWindow: 0, windowBeganAt: now() })
      response.once('close', () => open.delete(response))
    },
    get isFull() {
      return pendingBytes() > maxPendingBytes
    },
    get isNearlyFull() {
      return pendingBytes() > maxPendingBytes - largeBytes
    },
    admits: (bytes) => {
      if (bytes <= smallBytes) return true
      if (pendingBytes() + bytes > maxPendingBytes) return false
      sum += bytes // The next one within the same moment counts it, too.
      return true
    },
    stop: () => clearInterval(timer),
  }
}

/** Counts what was taken since the last look, and begins a new window where that is enough. */
function isStuck(response: ServerResponse, watched: Watched, now: number): boolean {
  const waits = response.writableLength
  const queued = queuedBytes(response.socket)
  watched.takenInWindow += Math.max(0, watched.waited - waits, watched.queued - queued)
  const hadWaited = watched.waited
  watched.waited = waits
  watched.queued = queued
  if (waits === 0 || hadWaited === 0 || watched.takenInWindow >= leastTakenBytes) {
    watched.takenInWindow = 0
    watched.windowBeganAt = now
    return false
  }
  return now - watched.windowBeganAt >= windowMs
}

/** One large write is taken piece by piece: only libuv knows how much of it is left. */
function queuedBytes(socket: Socket | null): number {
  const handle: unknown = socket === null ? undefined : Reflect.get(socket, '_handle')
  const size: unknown =
    typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'writeQueueSize') : undefined
  return typeof size === 'number' ? size : 0
}
