import type { Payload } from './text-frames.ts'

const maxItems = 256
const maxBytes = 8 * 1024 * 1024
const maxBytesOfWorkspace = 32 * 1024 * 1024

/** Bytes of the payloads that slow subscribers of one workspace have yet to be sent, each counted once. */
export interface KeptBytes {
  bytes: number
}

/** Payloads that wait for one slow subscriber, in order. They are shared: by itself it holds a list. */
export class KeptPayloads {
  readonly #kept: KeptBytes
  #payloads: Payload[] = []
  #bytes = 0

  constructor(kept: KeptBytes) {
    this.#kept = kept
  }

  /** @returns false when more than 256 items or 8 MiB wait for this one, or 32 MiB for all of the workspace */
  add(payload: Payload): boolean {
    const { length } = payload.bytes
    if (payload.holders++ === 0) this.#kept.bytes += length
    this.#bytes += length
    this.#payloads.push(payload)
    return this.#payloads.length <= maxItems && this.#bytes <= maxBytes && this.#kept.bytes <= maxBytesOfWorkspace
  }

  /** Returns what waits, and keeps it no longer. */
  takeAll(): readonly Payload[] {
    const payloads = this.#payloads
    for (const payload of payloads) if (--payload.holders === 0) this.#kept.bytes -= payload.bytes.length
    this.#payloads = []
    this.#bytes = 0
    return payloads
  }
}
