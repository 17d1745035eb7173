import { describe, expect, it } from 'vitest'
import { createFairQueue } from '../../src/platform/fair-queue.ts'

interface Item {
  readonly group: string
  readonly nth: number
  readonly bytes: number
}

const queueOf = (limits: { maxItems?: number; maxBytes?: number } = {}) =>
  createFairQueue<Item>({
    ...{ maxItems: 1000, maxBytes: 1_000_000, ...limits },
    bytesOf: ({ bytes }) => bytes,
    groupOf: ({ group }) => group,
  })

const items = (group: string, count: number, bytes = 1): Item[] =>
  Array.from({ length: count }, (_, nth) => ({ group, nth, bytes }))

const namesOf = (taken: readonly Item[]) => taken.map(({ group, nth }) => `${group}${nth}`).join(' ')

describe('16.6: the queue of captures', () => {
  it('lets groups take turns, and keeps the order of each', () => {
    const queue = queueOf()
    for (const item of [...items('a', 6), ...items('b', 2), ...items('c', 1)]) expect(queue.add(item)).toBe(true)
    expect(namesOf(queue.take(4))).toBe('a0 b0 c0 a1')
    expect(namesOf(queue.take(4))).toBe('b1 a2 a3 a4')
    expect(namesOf(queue.take(4))).toBe('a5')
    expect(queue.size).toBe(0)
    expect(queue.take(4)).toEqual([])
  })

  it('takes one that comes behind many of another group with the next batch', () => {
    const queue = queueOf()
    for (const item of [...items('noisy', 900), ...items('quiet', 1)]) queue.add(item)
    expect(namesOf(queue.take(200))).toContain('quiet0')
  })

  it('lets a group that is alone use all of it', () => {
    const queue = queueOf({ maxItems: 10 })
    expect(
      items('a', 12)
        .map((item) => queue.add(item))
        .filter(Boolean),
    ).toHaveLength(10)
  })

  it('takes more of a group below its share when another has filled it', () => {
    const queue = queueOf({ maxItems: 10 })
    for (const item of items('noisy', 12)) queue.add(item)
    expect(
      items('quiet', 7)
        .map((item) => queue.add(item))
        .filter(Boolean),
    ).toHaveLength(5)
    expect(items('noisy', 1).map((item) => queue.add(item))).toEqual([false])
  })

  it('counts bytes in the same way', () => {
    const queue = queueOf({ maxBytes: 100 })
    expect(items('noisy', 3, 40).map((item) => queue.add(item))).toEqual([true, true, false])
    expect(items('quiet', 3, 20).map((item) => queue.add(item))).toEqual([true, true, false])
    expect(items('quiet', 1, 1).map((item) => queue.add(item))).toEqual([true])
    queue.take(100)
    expect(items('noisy', 2, 50).map((item) => queue.add(item))).toEqual([true, true])
  })

  it('is never longer than twice its limit, however many groups there are', () => {
    const queue = queueOf({ maxItems: 10 })
    for (let nth = 0; nth < 100; nth++) queue.add({ group: `g${nth}`, nth: 0, bytes: 1 })
    expect(queue.size).toBeLessThanOrEqual(20)
  })

  it('gives back all that it took, once each, in the order of each group', () => {
    const queue = queueOf()
    const sent = Array.from({ length: 500 }, (_, nth) => ({ group: `g${(nth * 7) % 5}`, nth, bytes: 1 }))
    for (const item of sent) queue.add(item)
    const taken = Array.from({ length: 20 }, (_, nth) => queue.take(20 + nth)).flat()
    expect(taken).toHaveLength(500)
    for (const group of ['g0', 'g1', 'g2', 'g3', 'g4'])
      expect(taken.filter((item) => item.group === group)).toEqual(sent.filter((item) => item.group === group))
  })
})
