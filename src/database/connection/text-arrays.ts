import { LRUCache } from 'lru-cache'
import type { Value } from '../database.ts'

const textOid = 25
const headBytes = 20
const lengthBytes = 4

/** Positions of the parameters that a statement casts to text[], by its text. Callers choose the parts of some statements. */
const positionsByText = new LRUCache<string, ReadonlySet<number>>({
  maxSize: 1_000_000,
  sizeCalculation: (_, text) => text.length,
})

/**
 * Returns the values of a statement as they are sent. Arrays of a parameter that the statement casts to text[] are in
 * PostgreSQL's binary form: in its text form each quote and backslash is escaped, and JSON is full of them.
 */
export function encodeTextArrays(text: string, values: readonly Value[]): unknown[] {
  if (!values.some((value) => Array.isArray(value))) return [...values]
  const positions = positionsOf(text)
  return values.map((value, position) => (positions.has(position) && isTextArray(value) ? encode(value) : value))
}

function positionsOf(text: string): ReadonlySet<number> {
  const known = positionsByText.get(text)
  if (known !== undefined) return known
  const positions = new Set([...text.matchAll(/\$(\d+)::text\[\]/g)].map(([, nth]) => Number(nth) - 1))
  positionsByText.set(text, positions)
  return positions
}

function isTextArray(value: Value): value is readonly (string | null)[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => item === null || typeof item === 'string')
}

/** One dimension, perhaps with nulls, type of the elements, their number, first index; then each with its length. */
function encode(items: readonly (string | null)[]): Buffer {
  const bytes = Buffer.allocUnsafe(items.reduce((sum, item) => sum + sizeOf(item), headBytes))
  let end = 0
  for (const number of [1, 1, textOid, items.length, 1]) end = bytes.writeInt32BE(number, end)
  for (const item of items) {
    const length = item === null ? -1 : bytes.write(item, end + lengthBytes)
    end = bytes.writeInt32BE(length, end) + Math.max(length, 0)
  }
  return bytes
}

function sizeOf(item: string | null): number {
  return lengthBytes + (item === null ? 0 : Buffer.byteLength(item))
}
