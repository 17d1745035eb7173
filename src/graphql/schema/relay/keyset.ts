import type { CursorKey } from '../../../events/cursor.ts'
import { refusal } from '../../execution/errors.ts'
import type { Slice } from './connection.ts'

/** Returns the Prisma query for a slice of a list with the newest rows first; ids are ordered by their creation time. */
export function keysetQuery({ size, fromEnd, after, before }: Slice) {
  const range = {
    ...(after && { lt: textOf(after) }),
    ...(before && { gt: textOf(before) }),
  }
  const direction = fromEnd ? ('asc' as const) : ('desc' as const)
  return { range: { id: range }, orderBy: { id: direction }, take: size + 1 }
}

export function idKey({ id }: { readonly id: string }): CursorKey {
  return [id]
}

/** @throws INVALID_CURSOR */
export function textOf([value]: CursorKey): string {
  if (typeof value !== 'string') throw refusal('INVALID_CURSOR', 'This cursor does not belong to this list.')
  return value
}

/** @throws INVALID_CURSOR */
export function positionOf([value]: CursorKey): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw refusal('INVALID_CURSOR', 'This cursor does not belong to this list.')
  return value
}
