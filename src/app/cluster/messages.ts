import type { ServerAddress } from '../../database/connection/server-address.ts'
import type { Rate } from '../../platform/limits/rate-limit.ts'

/** Question of a worker to the primary. */
export type WorkerRequest =
  | { readonly type: 'start' }
  | { readonly type: 'metrics' }
  | {
      readonly type: 'consume'
      readonly name: string
      readonly rate: Rate
      readonly key: string
      readonly points: number
    }
  | { readonly type: 'set time'; readonly name: string; readonly at: number }
  | { readonly type: 'times'; readonly names: readonly string[] }

export type PrimaryRequest = { readonly type: 'metrics' }

/** Reply to `start`. */
export interface StartParameters {
  readonly database: ServerAddress
  readonly poolSize: number
}

interface Ask<Request> {
  readonly type: 'ask'
  readonly id: number
  readonly request: Request
}

export interface Reply {
  readonly type: 'reply'
  readonly id: number
  readonly value: unknown
}

export type ToPrimary =
  | Ask<WorkerRequest>
  | Reply
  | { readonly type: 'serving'; readonly url: string }
  /** Number of slots of a semaphore that the sender holds. */
  | { readonly type: 'held'; readonly slot: string; readonly count: number }
  /** Last metrics of a worker that exits. */
  | { readonly type: 'last metrics'; readonly metrics: unknown }

export type ToWorker =
  | Ask<PrimaryRequest>
  | Reply
  | { readonly type: 'held by peer'; readonly peer: number; readonly slot: string; readonly count: number }
  | { readonly type: 'peer ended'; readonly peer: number }
  | { readonly type: 'node'; readonly allServe: boolean }
  | { readonly type: 'stop' }
  | { readonly type: 'hand over' }

/** Messages of one turn of the event loop: each envelope costs two system calls. */
interface Envelope<Message> {
  readonly rex: readonly Message[]
}

/** Returns a function that sends a message together with the others of this turn. */
export function createOutbox<Message>(send: (envelope: Envelope<Message>) => void): (message: Message) => void {
  let waiting: Message[] = []
  const flush = () => {
    const rex = waiting
    waiting = []
    send({ rex })
  }
  return (message) => {
    if (waiting.push(message) === 1) setImmediate(flush)
  }
}

/** Returns the messages of an envelope; none when another library sent it. */
export function parseMessages<Message>(received: unknown): readonly Message[] {
  if (typeof received !== 'object' || received === null || !('rex' in received)) return []
  return (received as Envelope<Message>).rex
}
