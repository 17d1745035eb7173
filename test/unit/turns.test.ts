import { describe, expect, it } from 'vitest'
import { createTurns } from '../../src/graphql/execution/turns.ts'

/** Work that ends when it is told to. */
function createWorks() {
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const workOf = (name: string) => () => {
    begun.push(name)
    return new Promise<string>((resolve, reject) =>
      ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error))),
    )
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const end = async (name: string, error?: Error) => {
    ends.get(name)?.(error)
    await turn()
  }
  return { begun, workOf, turn, end }
}

const limits = { maxTotal: 3, perWorkspace: 2, maxWaitMs: 10_000 }

describe('turns', () => {
  it('let a workspace have so many at a time, the next in order as each ends, and others their own', async () => {
    const turns = createTurns(limits)
    const { begun, workOf, turn, end } = createWorks()
    const taken = ['a1', 'a2', 'a3', 'a4', 'b1'].map((name) => turns.run(name.slice(0, 1), workOf(name)))
    await turn()
    expect(begun).toEqual(['a1', 'a2', 'b1'])
    await end('a2')
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3'])
    await end('a1')
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3', 'a4'])
    for (const name of ['a3', 'a4', 'b1']) await end(name)
    expect(await Promise.all(taken)).toEqual(['a1', 'a2', 'a3', 'a4', 'b1'])
  })

  it('are so many in all', async () => {
    const turns = createTurns(limits)
    const { begun, workOf, turn, end } = createWorks()
    for (const name of ['a', 'b', 'c', 'd']) void turns.run(name, workOf(name))
    await turn()
    expect(begun).toEqual(['a', 'b', 'c'])
    await end('b')
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
  })

  it('end with work that fails', async () => {
    const turns = createTurns({ ...limits, maxTotal: 1 })
    const { begun, workOf, turn, end } = createWorks()
    const failing = expect(turns.run('a', workOf('failing'))).rejects.toThrow('broken')
    void turns.run('a', workOf('next'))
    await turn()
    await end('failing', new Error('broken'))
    await failing
    expect(begun).toEqual(['failing', 'next'])
  })

  it('are given up when they do not come in time, and leave no place taken', async () => {
    const turns = createTurns({ ...limits, maxTotal: 1, maxWaitMs: 50 })
    const { begun, workOf, turn, end } = createWorks()
    void turns.run('a', workOf('long'))
    await expect(turns.run('a', workOf('late'))).rejects.toMatchObject({ code: 'unavailable' })
    await end('long')
    void turns.run('a', workOf('next'))
    await turn()
    expect(begun).toEqual(['long', 'next'])
  })
})
