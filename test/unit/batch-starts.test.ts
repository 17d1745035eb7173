import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createBatchStarts } from '../../src/platform/batch-starts.ts'

const besideAfterMs = 40
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Batches that end when the test says so. */
function heldStarts() {
  const ends: (() => void)[] = []
  const items: number[] = []
  const batches: number[][] = []
  const starts = createBatchStarts(
    { inFlight: 2, besideAfterMs },
    { isEmpty: () => items.length === 0, isFull: () => false },
    () => {
      batches.push(items.splice(0))
      return new Promise<void>((resolve) => ends.push(resolve))
    },
    () => {},
  )
  const add = async (item: number) => {
    items.push(item)
    starts.startSoon()
    await turn()
  }
  return { add, batches, endLast: () => ends.at(-1)!() }
}

describe('a batch beside another one', () => {
  it('waits while many items arrive', async () => {
    const { add, batches } = heldStarts()
    for (let item = 1; item <= 5; item++) await add(item)
    expect(batches).toEqual([[1]])
    await expect.poll(() => batches).toEqual([[1], [2, 3, 4, 5]])
  })

  it('starts at once while few arrive', async () => {
    const { add, batches, endLast } = heldStarts()
    for (let item = 1; item <= 4; item++) {
      await setTimeout(besideAfterMs + 5)
      await add(item)
      endLast()
      await turn()
    }
    await add(5)
    await add(6)
    expect(batches.slice(4)).toEqual([[5], [6]])
  })
})
