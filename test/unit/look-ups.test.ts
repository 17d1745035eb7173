import { describe, expect, it } from 'vitest'
import { createLookupCache } from '../../src/platform/lookup-cache.ts'

const options = { max: 10, ttlMs: 60_000 }

/** Look-ups that the test ends, in the order in which they began. */
function startLookUps() {
  const begun: ((value: { is: string }) => void)[] = []
  const lookUp = () => new Promise<{ is: string }>((resolve) => begun.push(resolve))
  return { begun, lookUps: createLookupCache(lookUp, options) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('11.11: a look-up', () => {
  it('is made once for all who ask at the same time, and remembered', async () => {
    const { begun, lookUps } = startLookUps()
    const asked = [lookUps.find('a'), lookUps.find('a')]
    await turn()
    expect(begun).toHaveLength(1)
    begun[0]?.({ is: 'old' })
    expect(await Promise.all([...asked, lookUps.find('a')])).toEqual([{ is: 'old' }, { is: 'old' }, { is: 'old' }])
    expect(begun).toHaveLength(1)
  })

  it('that began before a forget is made again, and neither answered nor remembered', async () => {
    const { begun, lookUps } = startLookUps()
    const early = lookUps.find('a')
    await turn()
    lookUps.forget()
    begun[0]?.({ is: 'revoked' })
    await turn()
    expect(begun).toHaveLength(2)
    begun[1]?.({ is: 'new' })
    expect(await early).toEqual({ is: 'new' })
    expect(await lookUps.find('a')).toEqual({ is: 'new' })
  })

  it('that a forget does not concern stays remembered, and one that fails does not', async () => {
    let fails = true
    const lookUps = createLookupCache(async (key) => {
      if (key === 'bad' && fails) throw new Error('refused')
      return { key }
    }, options)
    const [one, other] = [await lookUps.find('one'), await lookUps.find('other')]
    lookUps.forget(({ key }) => key === 'one')
    expect(await lookUps.find('other')).toBe(other)
    expect(await lookUps.find('one')).not.toBe(one)
    await expect(lookUps.find('bad')).rejects.toThrow('refused')
    fails = false
    expect(await lookUps.find('bad')).toEqual({ key: 'bad' })
  })

  it('is fresh until the next forget', async () => {
    const lookUps = createLookupCache(async (key) => ({ key }), options)
    const value = await lookUps.find('a')
    expect(lookUps.isFresh(value)).toBe(true)
    lookUps.forget(() => false)
    expect(lookUps.isFresh(value)).toBe(false)
  })
})
