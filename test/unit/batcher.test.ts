import { describe, expect, it } from 'vitest'
import { type Batcher, createBatcher, type Settled } from '../../src/platform/batcher.ts'

const full = new Error('full')
const away = new Error('away')

interface Options {
  readonly maxItems?: number
  readonly inFlight?: number
  readonly besideAfterMs?: number
  readonly maxWaiting?: number
  /** Of items that weigh their number. */
  readonly maxWaitingBytes?: number
}

/** A batcher of numbers whose writes end when the test says so; each item is answered doubled. */
function heldBatcher({ maxWaitingBytes = 1_000_000, ...options }: Options = {}) {
  const writes: { items: readonly number[]; end: () => void; fail: (error: unknown) => void }[] = []
  const batcher = createBatcher<number, number>({
    maxItems: 100,
    inFlight: 1,
    maxWaiting: 1000,
    ...options,
    maxWaitingBytes: { max: maxWaitingBytes, of: (item) => item },
    whenFull: () => full,
    failsTogether: (error) => error === away,
    write: (items) =>
      new Promise((resolve, reject) => {
        const end = () => resolve(items.map((item) => ({ ok: true, value: item * 2 })))
        writes.push({ items, end, fail: reject })
      }),
  })
  return { batcher, writes }
}

/** A batcher whose write fails whole whenever it holds one of the poison items. */
function poisonedBatcher(poison: readonly number[]) {
  const written: (readonly number[])[] = []
  const batcher = createBatcher<number, number>({
    maxItems: 100,
    inFlight: 1,
    maxWaiting: 1000,
    whenFull: () => full,
    failsTogether: () => false,
    write: async (items) => {
      const bad = items.find((item) => poison.includes(item))
      if (bad !== undefined) throw new Error(`poison ${bad}`)
      written.push(items)
      return items.map((item): Settled<number> => ({ ok: true, value: item }))
    },
  })
  return { batcher, written }
}

const addAll = (batcher: Batcher<number, number>, items: readonly number[]) =>
  Promise.allSettled(items.map((item) => batcher.add(item)))

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Adds the first item, whose batch starts alone, and then the others. */
const addAfterStart = async (batcher: Batcher<number, number>, [first, ...others]: readonly number[]) => {
  const answers = [...addEach(batcher, first === undefined ? [] : [first])]
  await turn()
  return { answers: Promise.allSettled([...answers, ...addEach(batcher, others)]) }
}

const addEach = (batcher: Batcher<number, number>, items: readonly number[]) =>
  items.map((item) => {
    const answer = batcher.add(item)
    answer.catch(() => {})
    return answer
  })

describe('a batch', () => {
  it('starts at the end of the turn with all that came in it', async () => {
    const { batcher, writes } = heldBatcher()
    void batcher.add(1)
    await Promise.resolve()
    void batcher.add(2)
    expect(writes).toEqual([])
    await turn()
    expect(writes.map(({ items }) => items)).toEqual([[1, 2]])
  })

  it('does not wait with an item that comes alone', async () => {
    const { batcher, writes } = heldBatcher()
    void batcher.add(1)
    await turn()
    expect(writes.map(({ items }) => items)).toEqual([[1]])
  })

  it('holds what came while the one before was written, in the order in which it came', async () => {
    const { batcher, writes } = heldBatcher()
    const { answers } = await addAfterStart(batcher, [1, 2, 3, 4])
    expect(batcher.waiting).toBe(3)
    writes[0]!.end()
    await turn()
    expect(writes.map(({ items }) => items)).toEqual([[1], [2, 3, 4]])
    writes[1]!.end()
    expect(await answers).toEqual([2, 4, 6, 8].map((value) => ({ status: 'fulfilled', value })))
    expect(batcher.waiting).toBe(0)
  })

  it('holds at most maxItems', async () => {
    const { batcher, writes } = heldBatcher({ maxItems: 2 })
    void addAll(batcher, [1, 2, 3, 4, 5])
    for (let index = 0; index < 3; index++) {
      await turn()
      writes[index]!.end()
    }
    expect(writes.map(({ items }) => items)).toEqual([[1, 2], [3, 4], [5]])
  })

  it('starts beside another only when it is full, and never more than inFlight', async () => {
    const { batcher, writes } = heldBatcher({ inFlight: 2, maxItems: 3, besideAfterMs: 60_000 })
    await addAfterStart(batcher, [1, 2, 3])
    await turn()
    expect(writes.map(({ items }) => items)).toEqual([[1]])
    void addAll(batcher, [4, 5, 6, 7, 8])
    await turn()
    expect(writes.map(({ items }) => items)).toEqual([[1], [2, 3, 4]])
    writes[1]!.end()
    await turn()
    expect(writes.map(({ items }) => items)).toEqual([[1], [2, 3, 4], [5, 6, 7]])
  })

  it('starts beside one that takes long', async () => {
    const { batcher, writes } = heldBatcher({ inFlight: 2, besideAfterMs: 5 })
    const { answers } = await addAfterStart(batcher, [1, 2, 3])
    await expect.poll(() => writes.map(({ items }) => items)).toEqual([[1], [2, 3]])
    writes[1]!.end()
    writes[0]!.end()
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
  })

  it('waits for the end of one that takes less', async () => {
    const { batcher, writes } = heldBatcher({ inFlight: 2, besideAfterMs: 60_000 })
    await addAfterStart(batcher, [1, 2, 3])
    writes[0]!.end()
    await turn()
    expect(writes.map(({ items }) => items)).toEqual([[1], [2, 3]])
  })

  it('answers each item its own result, a refusal among them', async () => {
    const refused = new Error('refused')
    const batcher = createBatcher<number, number>({
      maxItems: 10,
      inFlight: 1,
      maxWaiting: 10,
      whenFull: () => full,
      failsTogether: () => false,
      write: async (items) =>
        items.map((item) => (item === 3 ? { ok: false, error: refused } : { ok: true, value: item })),
    })
    expect(await addAll(batcher, [1, 2, 3, 4])).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'fulfilled', value: 2 },
      { status: 'rejected', reason: refused },
      { status: 'fulfilled', value: 4 },
    ])
  })

  it('leaves no item without an answer when the write answers too few', async () => {
    const batcher = createBatcher<number, number>({
      maxItems: 10,
      inFlight: 1,
      maxWaiting: 10,
      whenFull: () => full,
      failsTogether: () => false,
      write: async () => [],
    })
    await expect(batcher.add(1)).rejects.toThrow(/fewer results/)
  })
})

describe('a batch that fails', () => {
  it.each([
    ['the first', [2]],
    ['one in the middle', [5]],
    ['the last', [9]],
    ['several', [2, 5, 6, 9]],
    ['all', [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ])('lets the poison item fail alone: %s', async (_, poison) => {
    const { batcher, written } = poisonedBatcher(poison)
    const items = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    const answers = await addAll(batcher, items)
    expect(answers.map(({ status }) => status)).toEqual(
      items.map((item) => (poison.includes(item) ? 'rejected' : 'fulfilled')),
    )
    expect(written.flat()).toEqual(items.filter((item) => !poison.includes(item)))
  })

  it('rejects the poison item with its own failure', async () => {
    const { batcher } = poisonedBatcher([2, 4])
    const answers = await addAll(batcher, [1, 2, 3, 4])
    expect(answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []))).toEqual([
      'Error: poison 2',
      'Error: poison 4',
    ])
  })

  it('is not halved when the failure is everybody’s', async () => {
    const { batcher, writes } = heldBatcher()
    const { answers } = await addAfterStart(batcher, [1, 2, 3])
    writes[0]!.end()
    await turn()
    writes[1]!.fail(away)
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(writes).toHaveLength(2)
  })

  it('is followed by the next', async () => {
    const { batcher, writes } = heldBatcher()
    const { answers } = await addAfterStart(batcher, [1, 2])
    writes[0]!.fail(away)
    await turn()
    writes[1]!.end()
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  it('is an error like any other when the write throws at once', async () => {
    const batcher = createBatcher<number, number>({
      maxItems: 10,
      inFlight: 1,
      maxWaiting: 10,
      whenFull: () => full,
      failsTogether: () => true,
      write: () => {
        throw away
      },
    })
    await expect(batcher.add(1)).rejects.toBe(away)
    await batcher.idle()
  })
})

describe('when too many wait', () => {
  it('refuses what is too large for what is left, and takes it once there is room', async () => {
    const { batcher, writes } = heldBatcher({ maxWaitingBytes: 100 })
    void batcher.add(90)
    await turn()
    const waits = batcher.add(60)
    await expect(batcher.add(41)).rejects.toBe(full)
    const fits = batcher.add(40)
    await expect(batcher.add(1)).rejects.toBe(full)
    writes[0]!.end()
    await turn()
    const next = batcher.add(100)
    await turn()
    writes[1]!.end()
    expect(await Promise.all([waits, fits])).toEqual([120, 80])
    await turn()
    writes[2]!.end()
    expect(await next).toBe(200)
  })

  it('refuses the next and takes again once there is room', async () => {
    const { batcher, writes } = heldBatcher({ maxWaiting: 2 })
    await addAfterStart(batcher, [1, 2, 3])
    await expect(batcher.add(4)).rejects.toBe(full)
    writes[0]!.end()
    await turn()
    const answer = batcher.add(5)
    writes[1]!.end()
    await turn()
    writes[2]!.end()
    expect(await answer).toBe(10)
  })
})

describe('idle', () => {
  it('comes at once when there is nothing to do', async () => {
    await heldBatcher().batcher.idle()
  })

  it('comes after what is written and what waits, failures included', async () => {
    const { batcher, writes } = heldBatcher()
    await addAfterStart(batcher, [1, 2])
    let idle = false
    const whenIdle = batcher.idle().then(() => {
      idle = true
    })
    writes[0]!.end()
    await turn()
    expect(idle).toBe(false)
    writes[1]!.fail(away)
    await whenIdle
  })
})
