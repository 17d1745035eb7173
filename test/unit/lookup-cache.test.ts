import { describe, expect, it } from 'vitest'
import { createLookupCache } from '../../src/platform/lookup-cache.ts'

const options = { max: 10, ttlMs: 60_000 }

/** Lookups that the test ends, in the order in which they began. */
function startLookups() {
  const begun: ((value: { is: string }) => void)[] = []
  const lookup = () => new Promise<{ is: string }>((resolve) => begun.push(resolve))
  return { begun, lookups: createLookupCache(lookup, options) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('11.11: a lookup', () => {
  it('is made once for all who ask at the same time, and remembered', async () => {
    const { begun, lookups } = startLookups()
    const asked = [lookups.find('a'), lookups.find('a')]
    await turn()
    expect(begun).toHaveLength(1)
    begun[0]?.({ is: 'old' })
    expect(await Promise.all([...asked, lookups.find('a')])).toEqual([{ is: 'old' }, { is: 'old' }, { is: 'old' }])
    expect(begun).toHaveLength(1)
  })

  it('that began before a forget is made again, and neither answered nor remembered', async () => {
    const { begun, lookups } = startLookups()
    const early = lookups.find('a')
    await turn()
    lookups.forget()
    begun[0]?.({ is: 'revoked' })
    await turn()
    expect(begun).toHaveLength(2)
    begun[1]?.({ is: 'new' })
    expect(await early).toEqual({ is: 'new' })
    expect(await lookups.find('a')).toEqual({ is: 'new' })
  })

  it('that a forget does not concern stays remembered, and one that fails does not', async () => {
    let fails = true
    const lookups = createLookupCache(async (key) => {
      if (key === 'bad' && fails) throw new Error('refused')
      return { key }
    }, options)
    const [one, other] = [await lookups.find('one'), await lookups.find('other')]
    lookups.forget(({ key }) => key === 'one')
    expect(await lookups.find('other')).toBe(other)
    expect(await lookups.find('one')).not.toBe(one)
    await expect(lookups.find('bad')).rejects.toThrow('refused')
    fails = false
    expect(await lookups.find('bad')).toEqual({ key: 'bad' })
  })

  it('is fresh until the next forget', async () => {
    const lookups = createLookupCache(async (key) => ({ key }), options)
    const value = await lookups.find('a')
    expect(lookups.isFresh(value)).toBe(true)
    lookups.forget(() => false)
    expect(lookups.isFresh(value)).toBe(false)
  })
})
