import { timingSafeEqual } from 'node:crypto'

/** Compares a sent text with the expected one in a time that does not depend on where they differ. */
export function equalsInConstantTime(sent: string, expected: string): boolean {
  const [left, right] = [Buffer.from(sent), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}
