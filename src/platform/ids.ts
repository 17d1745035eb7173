import { randomFillSync } from 'node:crypto'
import { decodeTime, encodeTime, monotonicFactory, TIME_MAX } from 'ulid'

/** Prefixes of public ids, which are the same in all APIs: a prefix and a ULID. */
const prefixes = {
  workspace: 'ws',
  apiKey: 'key',
  auditEntry: 'aud',
  contact: 'cont',
  submission: 'sub',
  event: 'evt',
  endpoint: 'wh',
  delivery: 'dlv',
  attempt: 'att',
  replay: 'rpl',
  source: 'src',
  session: 'ses',
} as const

export type Noun = keyof typeof prefixes

/** Random bytes that were drawn together, because each call of the system takes as long as an id. */
const pool = new Uint8Array(4096)
let nextByte = pool.length

/** Returns a random number below 1, in steps of 1/256: a character of a ULID needs five bits. */
function randomFraction(): number {
  if (nextByte === pool.length) {
    randomFillSync(pool)
    nextByte = 0
  }
  return (pool[nextByte++] ?? 0) / 256
}

const ulid = monotonicFactory(randomFraction)

/** Creates an id such as `cont_01HQ…`; the ids of one process sort by their creation. */
export function newId(noun: Noun): string {
  return `${prefixes[noun]}_${ulid()}`
}

/** Returns the first possible id of a noun at this time, in milliseconds since 1970. */
export function firstIdAt(noun: Noun, timeMs: number): string {
  return `${prefixes[noun]}_${encodeTime(Math.min(Math.max(timeMs, 0), TIME_MAX))}`
}

/** Returns the id of another noun with the same ULID: `cont_01HQ…` for `sub_01HQ…`. */
export function idLike(id: string, noun: Noun): string {
  return `${prefixes[noun]}_${id.slice(id.indexOf('_') + 1)}`
}

/** Returns the creation time of an id, by the clock of its process. */
export function timeOfId(id: string): Date {
  return new Date(decodeTime(id.slice(id.indexOf('_') + 1)))
}

/** Returns an id that is `ms` older: rows that were committed late are searched from there. */
export function idBefore(id: string, ms: number): string {
  if (id === '') return ''
  const start = id.indexOf('_') + 1
  return id.slice(0, start) + encodeTime(Math.max(0, decodeTime(id.slice(start)) - ms), timeLength)
}

/** Number of characters of a ULID that hold its time. */
const timeLength = 10

const ulidPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

/** Returns the noun of an id; undefined for a text that is no id of Rex. */
export function nounOfId(id: string): Noun | undefined {
  const separator = id.indexOf('_')
  const prefix = id.slice(0, separator)
  if (!ulidPattern.test(id.slice(separator + 1))) return undefined
  return nouns.find((noun) => prefixes[noun] === prefix)
}

const nouns = Object.keys(prefixes) as Noun[]
