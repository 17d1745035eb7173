import { describe, expect, it } from 'vitest'
import { decodeCursor, encodeCursor, eventCursor, positionOfCursor } from '../../src/events/cursor.ts'

const scope = { workspaceId: 'ws_a', list: 'deliveries' }

describe('a cursor', () => {
  it('holds the key of its place', () => {
    for (const key of [['dlv_1'], [42], ['2026-03-16T12:00:00.000Z', 'cont_1']])
      expect(decodeCursor(scope, encodeCursor(scope, key))).toEqual(key)
  })

  it('is taken by its own list and workspace alone', () => {
    const cursor = encodeCursor(scope, ['dlv_1'])
    expect(decodeCursor({ ...scope, workspaceId: 'ws_b' }, cursor)).toBeUndefined()
    expect(decodeCursor({ ...scope, list: 'events' }, cursor)).toBeUndefined()
  })

  it('is refused when anything of it was changed', () => {
    const cursor = encodeCursor(scope, ['dlv_1'])
    const changed = [...cursor].map(
      (letter, at) => cursor.slice(0, at) + (letter === 'A' ? 'B' : 'A') + cursor.slice(at + 1),
    )
    expect(changed.filter((other) => decodeCursor(scope, other) !== undefined)).toEqual([])
    for (const other of ['', '1', 'abc', `2${cursor.slice(1)}`, `${cursor}x`, '1e30.AAAAAAAAAAAA'])
      expect(decodeCursor(scope, other)).toBeUndefined()
  })
})

describe("an event's cursor", () => {
  it('stands for its position, in its workspace', () => {
    expect(positionOfCursor('ws_a', eventCursor('ws_a', 7))).toBe(7)
    expect(positionOfCursor('ws_b', eventCursor('ws_a', 7))).toBeUndefined()
  })

  it('is no position when it holds something else', () => {
    for (const key of [['7'], [-1], [1.5], []])
      expect(positionOfCursor('ws_a', encodeCursor({ workspaceId: 'ws_a', list: 'events' }, key))).toBeUndefined()
  })
})
