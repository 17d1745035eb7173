import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCursors } from '../../src/events/cursor.ts'

const unsealedEnd = 100
const cursors = createCursors({ key: Buffer.alloc(32, 1), unsealedPositions: new Map([['ws_a', unsealedEnd]]) })
const scope = { workspaceId: 'ws_a', list: 'deliveries' }

/** As version 0.1 made them: anybody can. */
function unsealed(workspaceId: string, list: string, key: unknown): string {
  const body = Buffer.from(JSON.stringify(key)).toString('base64url')
  const check = createHash('sha256').update(['1', workspaceId, list, body].join('\n')).digest('base64url')
  return `1${body}.${check.slice(0, 12)}`
}

describe('a cursor', () => {
  it('holds the key of its place, and is the same for the same place', () => {
    for (const key of [['dlv_1'], [42], ['2026-03-16T12:00:00.000Z', 'cont_1'], [`${'x'.repeat(254)}`]]) {
      expect(cursors.decode(scope, cursors.encode(scope, key))).toEqual(key)
      expect(createCursors({ key: Buffer.alloc(32, 1), unsealedPositions: new Map() }).encode(scope, key)).toBe(
        cursors.encode(scope, key),
      )
    }
  })

  it('is taken by its own list and workspace alone', () => {
    const cursor = cursors.encode(scope, ['dlv_1'])
    expect(cursors.decode({ ...scope, workspaceId: 'ws_b' }, cursor)).toBeUndefined()
    expect(cursors.decode({ ...scope, list: 'events' }, cursor)).toBeUndefined()
  })

  it('is refused when anything of it was changed', () => {
    const cursor = cursors.encode(scope, ['dlv_1'])
    const changed = [...cursor].flatMap((letter, at) =>
      ['A', 'B', '_']
        .filter((other) => other !== letter)
        .map((other) => cursor.slice(0, at) + other + cursor.slice(at + 1)),
    )
    expect(changed.filter((other) => cursors.decode(scope, other) !== undefined)).toEqual([])
    for (const other of [
      '',
      '1',
      '2',
      'abc',
      `1${cursor.slice(1)}`,
      `${cursor}x`,
      `${cursor}=`,
      '1e30.AAAAAAAAAAAA',
      '2'.repeat(5000),
    ])
      expect(cursors.decode(scope, other)).toBeUndefined()
  })

  it('11.12: tells nothing of its key: neighbours have nothing in common, nor do workspaces', () => {
    const made = Array.from({ length: 200 }, (_, position) => cursors.ofEvent('ws_a', position))
    expect(new Set(made.map((cursor) => cursor.slice(0, 6))).size).toBeGreaterThan(195)
    const lengths = [0, 9, 99, 123_456_789].map((position) => cursors.ofEvent('ws_a', position).length)
    expect(new Set(lengths).size).toBe(1)
    expect(cursors.ofEvent('ws_b', 7)).not.toBe(cursors.ofEvent('ws_a', 7))
    const email = cursors.encode(scope, ['jane@example.com'])
    expect(Buffer.from(email.slice(1), 'base64url').toString('latin1')).not.toContain('jane')
  })

  it('is refused where the key is another', () => {
    const other = createCursors({ key: Buffer.alloc(32, 2), unsealedPositions: new Map() })
    expect(other.decode(scope, cursors.encode(scope, ['dlv_1']))).toBeUndefined()
  })
})

describe("an event's cursor", () => {
  it('stands for its position, in its workspace', () => {
    expect(cursors.positionOf('ws_a', cursors.ofEvent('ws_a', 7))).toBe(7)
    expect(cursors.positionOf('ws_b', cursors.ofEvent('ws_a', 7))).toBeUndefined()
  })

  it('is no position when it holds something else', () => {
    for (const key of [['7'], [-1], [1.5], []])
      expect(cursors.positionOf('ws_a', cursors.encode({ workspaceId: 'ws_a', list: 'events' }, key))).toBeUndefined()
  })
})

describe('11.12: a cursor of version 0.1', () => {
  it('resumes where it was, up to the end of the log at the upgrade', () => {
    expect(cursors.positionOf('ws_a', unsealed('ws_a', 'events', [unsealedEnd]))).toBe(unsealedEnd)
    expect(cursors.decode(scope, unsealed('ws_a', 'deliveries', ['dlv_1']))).toEqual(['dlv_1'])
  })

  it('is refused in a workspace that is younger, and where its text could not be a key', () => {
    expect(cursors.positionOf('ws_b', unsealed('ws_b', 'events', [1]))).toBeUndefined()
    for (const key of [['\u0000'], ['é'], ['']])
      expect(cursors.decode(scope, unsealed('ws_a', 'deliveries', key))).toBeUndefined()
  })

  it('finds out nothing of later positions', () => {
    for (const list of ['events', 'Contact.events'])
      for (const key of [[unsealedEnd + 1], [Number.MAX_SAFE_INTEGER], [1e30], ['101'], [-1]])
        expect(cursors.decode({ workspaceId: 'ws_a', list }, unsealed('ws_a', list, key))).toBeUndefined()
  })
})
