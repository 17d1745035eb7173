import { describe, expect, it } from 'vitest'
import { createKeyedSemaphore } from '../../src/platform/keyed-semaphore.ts'

describe('an allotment', () => {
  it('gives each key so many places and no more', () => {
    const allotment = createKeyedSemaphore(2)
    expect([allotment.hold('a'), allotment.hold('a'), allotment.hold('b')]).not.toContain(undefined)
    expect(allotment.hold('a')).toBeUndefined()
    expect(allotment.hold('b')).toBeDefined()
  })

  it('has a place again when one is given back, and one only when it is given back twice', () => {
    const allotment = createKeyedSemaphore(2)
    const first = allotment.hold('a')
    allotment.hold('a')
    first?.()
    first?.()
    expect(allotment.hold('a')).toBeDefined()
    expect(allotment.hold('a')).toBeUndefined()
  })
})
