import { createHash, timingSafeEqual } from 'node:crypto'
import { base62, randomBase62 } from '../platform/crypto/base62.ts'

const generatedPattern = /^rex_([0-9A-Za-z]{8})_([0-9A-Za-z]{32})_([0-9A-Za-z]{6})$/

/** Minimum length of a new key chosen by a person; a key that the database has may be shorter. */
export const minNewKeyLength = 32

/** Generates a key, `rex_<8 id>_<32 random>_<6 checksum>`: 190 random bits. */
export function generateKey(): string {
  const id = randomBase62(8)
  const random = randomBase62(32)
  return `rex_${id}_${random}_${checksum(id, random)}`
}

/**
 * Returns whether a text can be a key, without a query. One that looks generated must have the right checksum; any
 * other may be a REX_API_KEY: 16 (before 0.2; now 32) to 256 printable characters without a space at either end.
 */
export function canBeKey(key: string): boolean {
  const [, id, random, check] = generatedPattern.exec(key) ?? []
  if (id !== undefined && random !== undefined) return checksum(id, random) === check
  return /^[\x21-\x7e][\x20-\x7e]{14,254}[\x21-\x7e]$/.test(key)
}

/** Returns what is stored of a key besides its hash: its last four characters, and the id of a generated one. */
export function describeKey(key: string): { prefix: string; lastFour: string } {
  const [, id] = generatedPattern.exec(key) ?? []
  return { prefix: id === undefined ? '' : `rex_${id}`, lastFour: key.slice(-4) }
}

/** Returns the SHA-256 in hexadecimal. A slower hash is not needed, since a key has enough random bits. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

export function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function checksum(id: string, random: string): string {
  let number = BigInt(`0x${createHash('sha256').update(`${id}_${random}`).digest('hex').slice(0, 16)}`)
  let digits = ''
  for (let index = 0; index < 6; index++) {
    digits += base62[Number(number % 62n)]
    number /= 62n
  }
  return digits
}
